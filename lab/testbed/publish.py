"""Write a report's files."""

from __future__ import annotations

import gzip
from pathlib import Path

from lab.drills.report import data, markdown, page, summary
from lab.drills.report.content import Report


def publish(report: Report, folder: Path, recordings: bool = False) -> list[Path]:
    """Write report.json, summary.json, report.md and report.html, with ``recordings`` also recordings.json.gz.

    Creates ``folder``. Raises OSError.
    """
    folder.mkdir(parents=True, exist_ok=True)
    texts = {
        "report.json": data.render(report),
        "summary.json": summary.render(report),
        "report.md": markdown.document(report),
        "report.html": page.render(report),
    }
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")
    if recordings:
        with gzip.open(folder / "recordings.json.gz", "wt", encoding="utf-8") as file:
            file.write(data.recordings(report))
    return [folder / name for name in (*texts, *(["recordings.json.gz"] if recordings else []))]
