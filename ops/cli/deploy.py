"""`make deploy`: what the preview shows is judged, is the plan, and is all that is done; a release that fails is taken back."""

from __future__ import annotations

import argparse
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from components.devcluster.kubeconfig import write_private
from components.runtime import folders
from components.settings import Settings
from ops.cli.live_status import serving
from ops.cli.plan import Telling
from ops.cli.preview_plan import DeployError, previewed, unknown
from ops.cli.rollback import Release, way_back
from ops.cli.run import Runner
from ops.cli.startup import awake
from ops.cli.state import State
from ops.review import markdown
from ops.review.effect import Effect
from ops.review.judge import judge, worst
from ops.review.preview import Preview
from ops.review.promise import rows

REFUSED = 10  # and the number of the effect, as the review says it
RETURNED, NOT_RETURNED, REJECTED, INTERRUPTED = 20, 21, 22, 130


class Deploy:
    """One deployment of one stack. Words of the user that are not known end the process, before anything is done."""

    def __init__(
        self, runner: Runner, state: State, settings: Settings, words: list[str], log: Callable[[str], None]
    ) -> None:
        self._runner, self._state, self._settings, self._log = runner, state, settings, log
        self._given = _parser().parse_args(words)
        self._folder = folders.deployment(state.project, state.stack)

    def run(self) -> int:
        """The exit code: 0 where the new release serves, and was found to be highly available. Raises DeployError."""
        shutil.rmtree(self._folder, ignore_errors=True)  # of one that was killed
        self._folder.mkdir(parents=True, mode=0o700)
        try:
            return self._deploy(
                Effect[self._given.accept.upper()], self._runner.mending() if self._given.refresh else []
            )
        except KeyboardInterrupt:
            self._log(
                f"Interrupted: what was begun may be half done, and no release was taken back. {self._serving()}\n"
                f"`make deploy STACK={self._state.stack}` goes on from here, also after the stack file was changed back."
            )
            return INTERRUPTED
        finally:
            shutil.rmtree(self._folder, ignore_errors=True)
            folders.tidy(self._state.project)

    def _deploy(self, accepted: Effect, more: list[str]) -> int:
        self._runner.resume()
        back = way_back(self._runner.history(), self._settings)
        file = self._folder / f"Pulumi.{self._state.stack}.yaml"
        if isinstance(back, Release) and not awake(self._runner, self._state, back, file, self._log):
            raise DeployError(
                "The embedded cluster could not be started, and nothing else was changed: the engine says why."
            )
        latest = next(self._runner.history(), None)
        plan = self._folder / "plan.json"
        write_private(plan, "")
        preview = previewed(self._runner, plan, more)
        judged = judge(preview)
        print(markdown.write(preview, judged, rows(preview)), flush=True)
        effect = worst(judged)
        words = [f"--{name}" for name in ("refresh", "unplanned") if getattr(self._given, name)]
        if effect > accepted:
            self._log(
                f"Refused, and nothing was changed: {effect.words}, as the review says above. To deploy it all the same: "
                f'make deploy STACK={self._state.stack} ARGS="{" ".join([*words, "--accept", effect.word])}"'
            )
            return REFUSED + effect
        if isinstance(back, str):
            self._log(f"If this fails, nothing will be taken back: {back}.")
        told = Telling(lambda line: print(line, flush=True))
        code = self._runner.carry_out([*more, *self._held(plan, preview)], tell=told)
        return code and self._failed(back, latest, told)

    def _held(self, plan: Path, preview: Preview) -> list[str]:
        """What holds the update to its plan."""
        if why := "ARGS has --unplanned" if self._given.unplanned else unknown(preview):
            self._log(f"{why[0].upper()}{why[1:]}: going on without a plan.")
            return ["--skip-preview"]
        return ["--skip-preview", "--plan", str(plan)]

    def _failed(self, back: Release | str, latest: dict[str, Any] | None, told: Telling) -> int:
        last = next(self._runner.history(), None)
        if last is None or last == latest:
            raise DeployError("Nothing was begun, and nothing was changed: the engine says why, above.")
        if told.rejected and not told.tried and not set(last.get("resourceChanges") or {}) - {"same"}:
            self._log(
                "The plan was rejected, and nothing was changed: since the preview something has changed that it did not "
                "show.\n"
                + "\n".join(f"  {line}" for line in told.rejected)
                + f"\nLook at a new preview and deploy again: make deploy STACK={self._state.stack}. A plan that is "
                "rejected though nothing has changed can be left out: ARGS=--unplanned"
            )
            return REJECTED
        if isinstance(back, str):
            self._log(
                f"The release failed, as the engine says above, and nothing is taken back: {back}. {self._serving()}\n"
                "Correct the settings and deploy again."
            )
            return NOT_RETURNED
        if back.settings == self._settings:
            self._log(
                f"The release failed, as the engine says above. Its settings are those of {back} already, so that there "
                f"is nothing to take back. {self._serving()}\nWhat has changed since is the program or the cluster: see "
                f"`make drift STACK={self._state.stack}`, and `make deploy STACK={self._state.stack} ARGS=--refresh`."
            )
            return NOT_RETURNED
        return self._return(back)

    def _return(self, back: Release) -> int:
        self._log(f"The release failed, as the engine says above. Going back to the last good one, {back}.")
        file = self._folder / f"Pulumi.{self._state.stack}.yaml"
        back.write(file, self._state.file)
        if self._runner.carry_out([*self._runner.mending(), "--skip-preview"], config=file):
            self._log(
                f"The release failed, and so did the way back to {back}. {self._serving()}\nCorrect what the engine "
                "says above, then deploy again; the state and the cluster are as far as they got."
            )
            return NOT_RETURNED
        self._log(
            f"The release failed, and the last good one, {back}, was deployed again and keeps its promise. "
            f"{self._serving()}\nThe stack file still says what failed: correct it, and deploy again."
        )
        return RETURNED

    def _serving(self) -> str:
        return serving(
            self._settings,
            lambda site: folders.cluster(self._state.project, self._state.stack, site.distinct),
            self._runner.outputs_of,
        )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="make deploy", usage='make deploy [STACK=dev] [ARGS="--accept EFFECT --refresh --unplanned"]'
    )
    parser.add_argument(
        "--accept",
        choices=[effect.word for effect in Effect],
        default=Effect.WEAKER.word,
        metavar="EFFECT",
        help="the worst effect that is deployed: none, restart, lower, weaker (left out), outage",
    )
    parser.add_argument(
        "--refresh", action="store_true", help="look at the cluster first, and mend what was changed there"
    )
    parser.add_argument("--unplanned", action="store_true", help="do not hold the engine to what the preview has shown")
    return parser
