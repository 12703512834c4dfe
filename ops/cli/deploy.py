"""`make deploy`: review the preview, deploy exactly what it shows, and roll back a release that fails."""

from __future__ import annotations

import argparse
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from components import folders
from components.devcluster.kubeconfig import write_private
from components.errors import tagged
from components.settings import Settings
from ops.cli import preview_plan
from ops.cli.errors import (
    CLUSTER_NOT_STARTED,
    DEPLOYMENT_INTERRUPTED,
    EFFECT_NOT_ACCEPTED,
    PLAN_REJECTED,
    RELEASE_NOT_ROLLED_BACK,
    RELEASE_ROLLED_BACK,
    ROLLBACK_FAILED,
    UPDATE_NOT_STARTED,
)
from ops.cli.live_status import serving
from ops.cli.plan_output import PlanOutput
from ops.cli.preview_plan import DeployError, unplannable
from ops.cli.rollback import Release, rollback_target
from ops.cli.run import Runner
from ops.cli.startup import start_clusters
from ops.cli.state import State
from ops.exit_codes import ExitCode
from ops.review import markdown
from ops.review.effect import Effect
from ops.review.judge import judge, worst
from ops.review.preview import Preview
from ops.review.promise import rows


class Deploy:
    """One deployment of one stack. Unknown arguments end the process before anything is done."""

    def __init__(
        self, runner: Runner, state: State, settings: Settings, arguments: list[str], log: Callable[[str], None]
    ) -> None:
        self._runner, self._state, self._settings, self._log = runner, state, settings, log
        self._options = _parser().parse_args(arguments)
        self._folder = folders.deployment(state.project, state.stack)

    def run(self) -> int:
        """Deploy, and return the exit code: 0 if the new release serves and is verified. Raises DeployError."""
        shutil.rmtree(self._folder, ignore_errors=True)  # left by a killed run
        self._folder.mkdir(parents=True, mode=0o700)
        try:
            return self._deploy(
                Effect[self._options.accept.upper()], self._runner.overwrite_changes() if self._options.refresh else []
            )
        except KeyboardInterrupt:
            self._log(
                tagged(
                    f"Interrupted: the update may be half done, and nothing was rolled back. {self._serving()}\n"
                    f"`make deploy STACK={self._state.stack}` continues from here, even if you revert the stack file.",
                    DEPLOYMENT_INTERRUPTED,
                )
            )
            return ExitCode.INTERRUPTED
        finally:
            shutil.rmtree(self._folder, ignore_errors=True)
            folders.tidy(self._state.project)

    def _deploy(self, accepted: Effect, arguments: list[str]) -> int:
        self._runner.resume()
        target = rollback_target(self._runner.history(), self._settings)
        file = self._folder / f"Pulumi.{self._state.stack}.yaml"
        if isinstance(target, Release) and not start_clusters(self._runner, self._state, target, file, self._log):
            raise DeployError(
                "The embedded cluster did not start, and nothing else was changed: see the engine's output above.",
                CLUSTER_NOT_STARTED,
            )
        latest = next(self._runner.history(), None)
        plan = self._folder / "plan.json"
        write_private(plan, "")
        preview = preview_plan.create(self._runner, plan, arguments)
        assessments = judge(preview)
        print(markdown.write(preview, assessments, rows(preview)), flush=True)
        effect = worst(assessments)
        flags = [f"--{name}" for name in ("refresh", "unplanned") if getattr(self._options, name)]
        if effect > accepted:
            self._log(
                tagged(
                    f"Rejected, and nothing was changed: {effect.words}, see the review above. To deploy it anyway: "
                    f'make deploy STACK={self._state.stack} ARGS="{" ".join([*flags, "--accept", effect.word])}"',
                    EFFECT_NOT_ACCEPTED,
                )
            )
            return ExitCode.NO_EFFECT + effect
        if isinstance(target, str):
            self._log(f"If this release fails, it cannot be rolled back: {target}.")
        output = PlanOutput(lambda line: print(line, flush=True))
        code = self._runner.update([*arguments, *self._plan_arguments(plan, preview)], write=output)
        return code and self._failed(target, latest, output)

    def _plan_arguments(self, plan: Path, preview: Preview) -> list[str]:
        """Return the arguments that constrain the update to its plan."""
        if why := "ARGS contains --unplanned" if self._options.unplanned else unplannable(preview):
            self._log(f"{why[0].upper()}{why[1:]}: continuing without a plan.")
            return ["--skip-preview"]
        return ["--skip-preview", "--plan", str(plan)]

    def _failed(self, target: Release | str, latest: dict[str, Any] | None, output: PlanOutput) -> int:
        last = next(self._runner.history(), None)
        if last is None or last == latest:
            raise DeployError(
                "The update did not start, and nothing was changed: see the engine's output above.", UPDATE_NOT_STARTED
            )
        if output.rejected and not output.tried and not set(last.get("resourceChanges") or {}) - {"same"}:
            self._log(
                tagged(
                    "The plan was rejected, and nothing was changed: something has changed since the preview.\n"
                    + "\n".join(f"  {line}" for line in output.rejected)
                    + f"\nDeploy again, with a new preview: make deploy STACK={self._state.stack}. "
                    "If the plan is rejected although nothing has changed, omit it: ARGS=--unplanned",
                    PLAN_REJECTED,
                )
            )
            return ExitCode.PLAN_REJECTED
        if isinstance(target, str):
            self._log(
                tagged(
                    f"The release failed, see the engine's output above. It was not rolled back: {target}. "
                    f"{self._serving()}\nCorrect the settings and deploy again.",
                    RELEASE_NOT_ROLLED_BACK,
                )
            )
            return ExitCode.NOT_ROLLED_BACK
        if target.settings == self._settings:
            self._log(
                tagged(
                    f"The release failed, see the engine's output above. It has the settings of {target}, so there is "
                    f"nothing to roll back. {self._serving()}\nThe program or the cluster has changed since: see `make "
                    f"drift STACK={self._state.stack}` and `make deploy STACK={self._state.stack} ARGS=--refresh`.",
                    RELEASE_NOT_ROLLED_BACK,
                )
            )
            return ExitCode.NOT_ROLLED_BACK
        return self._roll_back(target)

    def _roll_back(self, target: Release) -> int:
        self._log(f"The release failed, see the engine's output above. Rolling back to the last good one, {target}.")
        file = self._folder / f"Pulumi.{self._state.stack}.yaml"
        target.write(file, self._state.file)
        if self._runner.update([*self._runner.overwrite_changes(), "--skip-preview"], config=file):
            self._log(
                tagged(
                    f"The release failed, and so did the rollback to {target}. {self._serving()}\nFix what the engine "
                    "reports above, then deploy again. The state records how far both updates got.",
                    ROLLBACK_FAILED,
                )
            )
            return ExitCode.NOT_ROLLED_BACK
        self._log(
            tagged(
                f"The release failed, and the last good one, {target}, was deployed again and keeps its promise. "
                f"{self._serving()}\nThe stack file still describes the failed release: correct it, and deploy again.",
                RELEASE_ROLLED_BACK,
            )
        )
        return ExitCode.ROLLED_BACK

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
        help="the worst effect to deploy: none, restart, lower, weaker or outage; default: weaker",
    )
    parser.add_argument(
        "--refresh", action="store_true", help="refresh first, and revert manual changes on the cluster"
    )
    parser.add_argument(
        "--unplanned", action="store_true", help="do not constrain the update to what the preview shows"
    )
    return parser
