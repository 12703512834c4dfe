"""A pulumi that does nothing and writes down how it is called. What it answers, and how its updates end, is the test's."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

_PROGRAM = """#!{python}
import json, pathlib, sys, time
here, words = pathlib.Path({here!r}), sys.argv[2:]
with (here / "calls").open("a") as calls:
    calls.write(json.dumps(words) + "\\n")
told = json.loads((here / "told").read_text())
if words[0] == "up":
    end = told["ups"].pop(0)
    if "--config-file" in words:
        (here / "read").write_text(pathlib.Path(words[words.index("--config-file") + 1]).read_text())
    if end.get("begun", True):
        told["history"].insert(0, {{"kind": "update", "result": "failed" if end["code"] else "succeeded", "config": {{}},
                                   "startTime": str(len(told["history"])),
                                   "resourceChanges": end.get("changes", {{"update": 1}})}})
    (here / "told").write_text(json.dumps(told))
    print(end.get("says", ""), flush=True)
    if end.get("until interrupted"):
        try:
            (here / "waits").touch()
            time.sleep(60)
        except KeyboardInterrupt:
            time.sleep(1)
            (here / "ended").touch()
    sys.exit(end["code"])
if words[0] == "preview":
    plan = pathlib.Path(words[words.index("--save-plan") + 1])
    told["modes"] = [oct(plan.stat().st_mode)[-3:], oct(plan.parent.stat().st_mode)[-3:]]
    plan.write_text(told.get("plan", "{{}}"))
    (here / "told").write_text(json.dumps(told))
    print(told["preview"])
    sys.exit(told.get("preview code", 0))
if words[:2] == ["stack", "history"] and told.get("no history"):
    sys.exit("error: not allowed")
if words[:2] == ["stack", "history"]:
    size, page = (int(words[words.index(name) + 1]) for name in ("--page-size", "--page"))
    print(json.dumps(told["history"][(page - 1) * size:page * size]))
elif words[:2] == ["stack", "export"]:
    print(json.dumps({{"deployment": told.get("deployment", {{}})}}))
elif words[0] == "refresh":
    print(told.get("refresh", ""))
"""


class Pretended:
    """The executable, and what it was asked."""

    def __init__(self, folder: Path) -> None:
        self._folder, self.path = folder, folder / "pulumi"
        if self.path.exists():  # made by another process of the same test
            return
        self.path.write_text(_PROGRAM.format(python=sys.executable, here=str(folder)))
        self.path.chmod(0o755)
        self.tells(preview="{}", history=[], ups=[])

    def tells(self, **told: Any) -> None:
        """What it answers from now on."""
        before = json.loads((self._folder / "told").read_text()) if (self._folder / "told").exists() else {}
        (self._folder / "told").write_text(json.dumps({**before, **told}))

    @property
    def told(self) -> dict[str, Any]:
        answers: dict[str, Any] = json.loads((self._folder / "told").read_text())
        return answers

    def calls(self, command: str) -> list[list[str]]:
        """The words of each call of one command."""
        lines = (self._folder / "calls").read_text().splitlines() if (self._folder / "calls").exists() else []
        return [words for line in lines if (words := json.loads(line))[0] == command]

    @property
    def read(self) -> str:
        """The stack file that the latest update read."""
        return (self._folder / "read").read_text()
