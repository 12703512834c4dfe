"""An executable that stands in for pulumi. It records its calls, and answers what the test configures."""

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
answers = json.loads((here / "answers").read_text())
if words[0] == "up":
    end = answers["ups"].pop(0)
    if "--config-file" in words:
        (here / "config").write_text(pathlib.Path(words[words.index("--config-file") + 1]).read_text())
    if end.get("started", True):
        result = "failed" if end["code"] else "succeeded"
        answers["history"].insert(0, {{"kind": "update", "result": result, "config": {{}},
                                   "startTime": str(len(answers["history"])),
                                   "resourceChanges": end.get("changes", {{"update": 1}})}})
    (here / "answers").write_text(json.dumps(answers))
    print(end.get("output", ""), flush=True)
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
    answers["modes"] = [oct(plan.stat().st_mode)[-3:], oct(plan.parent.stat().st_mode)[-3:]]
    plan.write_text(answers.get("plan", "{{}}"))
    (here / "answers").write_text(json.dumps(answers))
    print(answers["preview"])
    sys.exit(answers.get("preview code", 0))
if words[:2] == ["stack", "history"] and answers.get("no history"):
    sys.exit("error: not allowed")
if words[:2] == ["stack", "history"]:
    size, page = (int(words[words.index(name) + 1]) for name in ("--page-size", "--page"))
    print(json.dumps(answers["history"][(page - 1) * size:page * size]))
elif words[:2] == ["stack", "export"]:
    print(json.dumps({{"deployment": answers.get("deployment", {{}})}}))
elif words[0] == "refresh":
    print(answers.get("refresh", ""))
"""


class FakePulumi:
    """The executable, its answers and its calls."""

    def __init__(self, folder: Path) -> None:
        self._folder, self.path = folder, folder / "pulumi"
        if self.path.exists():  # created by another process of the same test
            return
        self.path.write_text(_PROGRAM.format(python=sys.executable, here=str(folder)))
        self.path.chmod(0o755)
        self.set(preview="{}", history=[], ups=[])

    def set(self, **answers: Any) -> None:
        """Set answers for the calls from now on."""
        before = self.answers if (self._folder / "answers").exists() else {}
        (self._folder / "answers").write_text(json.dumps({**before, **answers}))

    @property
    def answers(self) -> dict[str, Any]:
        """The answers that are left."""
        answers: dict[str, Any] = json.loads((self._folder / "answers").read_text())
        return answers

    def calls(self, command: str) -> list[list[str]]:
        """Return the arguments of each call of one command."""
        lines = (self._folder / "calls").read_text().splitlines() if (self._folder / "calls").exists() else []
        return [words for line in lines if (words := json.loads(line))[0] == command]

    @property
    def config(self) -> str:
        """The stack file that the latest update read."""
        return (self._folder / "config").read_text()
