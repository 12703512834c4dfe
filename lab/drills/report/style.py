"""The style of the page: light, dark and print. No external font, image or script."""

CSS = """
:root { color-scheme: light dark;
  --paper: #fff; --ink: #1c2430; --quiet: #5c6773; --rule: #dde2e8; --card: #f6f8fa;
  --kept: #1a7f4b; --kept-soft: #e3f4ea; --broken: #c4281b; --broken-soft: #fdeae8; --invalid: #946200;
  --invalid-soft: #fdf3dc;
  --worked: #a9d3b8; --failed: #d93025; --zone0: #235a97; --zone1: #5b9bd0; --zone2: #a8d0ec; --zone3: #7b6bb8;
  --unknown: #eceef1; --hatch: #b6bdc6; }
@media (prefers-color-scheme: dark) { :root {
  --paper: #12161c; --ink: #e6eaef; --quiet: #99a4b1; --rule: #2c343e; --card: #1a2028;
  --kept: #5fce93; --kept-soft: #15302299;
  --broken: #ff7a6e; --broken-soft: #3b1a1899; --invalid: #f0bc4e; --invalid-soft: #362b1299;
  --worked: #3b7253; --failed: #ff5a4c; --zone0: #7fb6ea; --zone1: #3f7fb8; --zone2: #27507a; --zone3: #9d8cdc;
  --unknown: #232a33; --hatch: #56616e; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 28px 20px 60px; max-width: 1240px; background: var(--paper); color: var(--ink);
  font: 14px/1.45 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif; }
h1 { font-size: 25px; margin: 0 0 4px; } h2 { font-size: 19px; margin: 44px 0 4px; } h3 { font-size: 15px;
  margin: 22px 0 4px; }
p { margin: 4px 0; } .quiet, dt { color: var(--quiet); } a { color: inherit; }
dl.about { display: flex; flex-wrap: wrap; gap: 2px 18px; margin: 6px 0 18px; font-size: 13px; }
dl.about div { display: flex; gap: 6px; } dd { margin: 0; }
.tiles { display: flex; flex-wrap: wrap; gap: 10px; margin: 0 0 20px; }
.tile { flex: 1 1 125px; padding: 11px 13px; border-radius: 8px; background: var(--card);
  border-top: 3px solid var(--rule); }
.tile b { display: block; font-size: 23px; line-height: 1.2; } .tile.kept { border-color: var(--kept); }
.tile.broken { border-color: var(--broken); } .tile.broken b { color: var(--broken); }
  .tile.kept b { color: var(--kept); }
.tile.invalid { border-color: var(--invalid); } .tile.invalid b { color: var(--invalid); }
.wide { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th { text-align: left; font-weight: 600; font-size: 12px; color: var(--quiet); padding: 5px 10px; }
td { padding: 8px 10px; border-top: 1px solid var(--rule); vertical-align: top; }
tr.broken > td { background: var(--broken-soft); } tr.invalid > td { background: var(--invalid-soft); }
table.all td:first-child { border-left: 4px solid var(--kept); font-weight: 600; }
table.all tr.broken td:first-child { border-left-color: var(--broken); }
table.all tr.invalid td:first-child { border-left-color: var(--invalid); }
table.all td { padding: 7px 8px; } table.all td:nth-child(3) { min-width: 205px; }
table.all td:nth-child(2) { min-width: 150px; font-size: 13px; } table.all ul { padding-left: 12px; }
ul { margin: 0; padding-left: 15px; } td li { padding-bottom: 2px; line-height: 1.3; }
.pill { display: inline-block; white-space: nowrap; padding: 1px 9px; border-radius: 99px; font-weight: 600;
  font-size: 13px; }
.pill.kept { background: var(--kept-soft); color: var(--kept); }
.pill.broken { background: var(--broken); color: var(--paper); }
.pill.invalid { background: var(--invalid-soft); color: var(--invalid); border: 1px solid; }
.bar { display: block; height: 5px; margin: 4px 0 2px; border-radius: 3px; background: var(--rule); overflow: hidden; }
.bar i { display: block; height: 100%; background: var(--failed); }
b.nothing { color: var(--kept); } b.some { color: var(--broken); } table.all b { font-size: 16px; }
.sign { float: right; } .sign.kept { color: var(--kept); } .sign.broken { color: var(--broken); }
.sign.invalid { color: var(--invalid); }
.nowrap { white-space: nowrap; } small { color: var(--quiet); font-size: 12px; }
.reason { margin: 8px 0; padding: 8px 14px; border-left: 4px solid; border-radius: 4px; }
.reason.broken { border-color: var(--broken); background: var(--broken-soft); }
.reason.skipped { border-color: var(--rule); background: var(--card); }
.reason.invalid { border-color: var(--invalid); background: var(--invalid-soft); }
td .one { padding-bottom: 4px; line-height: 1.35; } td .one + .one { padding-top: 4px;
  border-top: 1px dotted var(--rule); }
details { margin: 10px 0; border: 1px solid var(--rule); border-radius: 6px; padding: 0 12px; }
details[open] { padding-bottom: 8px; } summary { cursor: pointer; padding: 7px 0; }
figure { margin: 4px 0 10px; break-inside: avoid; }
table.figures td, table.figures th { padding: 3px 10px; font-size: 13px; }
  table.figures td.some { color: var(--broken); }
.legend { display: flex; flex-wrap: wrap; gap: 4px 16px; font-size: 12px; color: var(--quiet); margin: 10px 0 0; }
.legend i { display: inline-block; width: 11px; height: 11px; border-radius: 2px; margin-right: 5px;
  vertical-align: -1px; }
svg { display: block; width: 100%; height: auto; font: 11px system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; }
svg text { fill: var(--ink); } svg text.tick { fill: var(--quiet); font-size: 10px; }
svg .worked { fill: var(--worked); } svg .failed { fill: var(--failed); } svg .base { fill: var(--rule); }
svg .zone0 { fill: var(--zone0); } svg .zone1 { fill: var(--zone1); } svg .zone2 { fill: var(--zone2); }
svg .zone3 { fill: var(--zone3); } svg .unknown { fill: var(--unknown); }
svg line.hatch { stroke: var(--hatch); stroke-width: 2; }
svg line.full { stroke: var(--ink); stroke-dasharray: 2 3; opacity: .6; }
svg line.fault { stroke: var(--failed); stroke-width: 1.5; }
svg line.end { stroke: var(--ink); stroke-dasharray: 4 3; } svg line.note { stroke: var(--quiet);
  stroke-dasharray: 1 3; }
svg text.fault { fill: var(--broken); font-weight: 600; } svg text.note { fill: var(--quiet); }
@media print { * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  body { padding: 0; max-width: none; font-size: 11px; }
  h2 { break-after: avoid; } h3 { break-after: avoid; } tr, .reason, .tile { break-inside: avoid; } }
"""
