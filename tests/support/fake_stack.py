"""A stack for tests of `make deploy`, with an engine that only records how it is called."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import yaml

from components.runtime import stack_file
from ops.cli import state
from ops.cli.deploy import Deploy
from ops.cli.pulumi_binary import Engine
from ops.cli.run import Runner
from tests.support.fake_pulumi import FakePulumi
from tests.support.review_previews import BACKEND, BEFORE, DEPLOYMENT, changed, step

GOOD, BAD = "shop/web:1", "shop/web:2"


def configured(image: str, **cluster: Any) -> dict[str, Any]:
    """Return the configuration of a stack with one embedded cluster."""
    return {"ha-backend:cluster": {"kind": "local", **cluster}, "ha-backend:backend": {"image": image}}


def update(image: str, result: str = "succeeded", kind: str = "update", **cluster: Any) -> dict[str, Any]:
    """Return an entry of the engine's history."""
    config = {key: {"value": json.dumps(value), "secret": False} for key, value in configured(image, **cluster).items()}
    return {
        "kind": kind,
        "result": result,
        "config": config,
        "startTime": "2026-01-02T03:04:05.000Z",
        "environment": {"git.head": "0123456789abcdef"},
    }


def preview(path: str = f"{BACKEND}image", value: Any = BAD, *more: dict[str, Any]) -> str:
    """Return a preview that changes one field of the Deployment."""
    return json.dumps(
        {"steps": [step(DEPLOYMENT, "update", BEFORE[DEPLOYMENT], changed(DEPLOYMENT, path, value)), *more]}
    )


class FakeStack:
    """A stack whose file has the image BAD. GOOD is the image of its last good release."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.engine = folder, FakePulumi(folder)
        self.messages: list[str] = []

    def write(self, image: str, **more: Any) -> None:
        """Write the stack file."""
        (self.folder / "Pulumi.dev.yaml").write_text(yaml.safe_dump({"config": {**configured(image), **more}}))

    def deploy(self, *arguments: str) -> int:
        """Deploy, and return the exit code."""
        chosen = state.choose(self.folder, "dev")
        runner = Runner(Engine(str(self.engine.path), "3.260.0"), chosen, self.messages.append)
        chosen.refresh_copy()
        settings = stack_file.settings(self.folder, "dev")
        return Deploy(runner, chosen, settings, list(arguments), self.messages.append).run()

    @property
    def log(self) -> str:
        """Everything that was logged."""
        return "\n".join(self.messages)
