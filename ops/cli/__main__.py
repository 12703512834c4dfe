"""`python -m ops.cli COMMAND STACK`: the commands behind make, with or without pulumi on the machine."""

from __future__ import annotations

import argparse
import shutil
import sys
from pathlib import Path
from typing import Any

from pulumi import RunError

from components.availability import promise, stated
from components.devcluster import images
from components.devcluster.errors import LocalError
from components.inspection.client import Client, InspectionError
from components.inspection.observation import observe
from components.inspection.verification import NotHighlyAvailable
from components.preflight import PreflightError, check
from components.runtime import folders, stack_file
from components.runtime.stack_file import StackFileError
from components.settings import LocalCluster, Settings, SettingsError, Site
from ops.cli import review, state
from ops.cli.adopt import AdoptError, adopt
from ops.cli.deploy import Deploy
from ops.cli.drift import drift
from ops.cli.kubectl_apply import ApplyError
from ops.cli.preview_plan import DeployError
from ops.cli.pulumi_binary import Engine, find
from ops.cli.report import across_lines, promise_lines, state_lines
from ops.cli.review import ReviewError
from ops.cli.run import Runner
from ops.cli.stalled_deletion import remaining
from ops.cli.trial import Trial, TrialError

PROJECT = Path(__file__).parent.parent.parent
SIMULATED = (
    "Pods here are simulated, so the address answers no request: this cluster shows that everything is accepted, "
    'scheduled and wired. For pods that serve, name a real cluster in the stack file (README: "A real cluster"), or '
    'set cluster.nodes to real (README: "Real pods on this machine").'
)
REAL = (
    "Pods here are real: the address answers, from this machine only. The nodes reach no registry; besides the archives of "
    f"cluster.images they have {images.SAMPLES['podinfo']} and {images.SAMPLES['naive']}."
)


def log(text: str) -> None:
    """Progress goes to stderr, results to stdout."""
    print(text, file=sys.stderr, flush=True)


def main() -> int:
    """Exit code of the engine, or 1 with one message for what a user can act on."""
    parser = argparse.ArgumentParser(prog="python -m ops.cli", description=__doc__)
    parser.add_argument("command", choices=["up", "deploy", "drift", "preview", "review", "destroy", "adopt", "env"])
    parser.add_argument("stack")
    given, more = parser.parse_known_args()
    ask = None
    try:
        ask = review.asked(more) if given.command == "review" else None
        settings = stack_file.settings(PROJECT, given.stack)
        if given.command == "env":
            return _env(given.stack)
        engine = find(PROJECT, log)
        if isinstance(engine, Engine):
            log(f"engine: pulumi {engine.version} ({engine.path})")
            chosen = state.choose(PROJECT, given.stack)
            runner = Runner(engine, chosen, log)
            if ask:
                runner.select()
                return review.review(runner, given.stack, ask, log)
            return _with_engine(runner, chosen, given.command, settings, more)
        if given.command in ("deploy", "drift"):
            raise DeployError(
                f"make {given.command} needs pulumi, which knows what was deployed before: {engine}. Install it "
                "(https://www.pulumi.com/docs/install) and run this again."
            )
        log(
            f"pulumi is missing: {engine}.\n"
            "Going on without it, as a trial: same program, applied with kubectl; no preview, no state."
        )
        return _without_engine(given.command, given.stack, settings)
    except (
        SettingsError,
        StackFileError,
        PreflightError,
        LocalError,
        AdoptError,
        ApplyError,
        DeployError,
        ReviewError,
        InspectionError,
        NotHighlyAvailable,
        RunError,
    ) as error:
        log(f"error: {error}")
        return review.refused(ask, error) if ask else 1
    except KeyboardInterrupt:
        log("interrupted: run the same command again to go on")
        return 130


def _with_engine(runner: Runner, chosen: state.State, command: str, settings: Settings, more: list[str]) -> int:
    stack = chosen.stack
    if command in ("destroy", "drift") and not runner.exists():
        log(f"there is no stack {stack!r} to {'destroy' if command == 'destroy' else 'compare the cluster with'}")
        return 0
    if command == "destroy":
        runner.select()
        code = runner.destroy()
        for line in remaining(settings) if code else ():
            log(line)
        shutil.rmtree(folders.deployment(PROJECT, stack), ignore_errors=True)
        folders.tidy(PROJECT)
        return code
    if command == "adopt":
        return adopt(runner, stack, settings, log)
    deploy = Deploy(runner, chosen, settings, more, log).run if command == "deploy" else lambda: runner.up(more)
    if command in ("up", "deploy"):
        for site in settings.sites:
            check(site.cluster, folders.cluster(PROJECT, stack, site.distinct), log, site.backend.images)
    runner.select()
    if command == "preview":
        return runner.preview(more)
    if command == "drift":
        return drift(runner, stack, log)
    code = deploy()
    if code == 0:
        _report(stack, settings, runner.outputs())
    return code


def _without_engine(command: str, stack: str, settings: Settings) -> int:
    trial = Trial(PROJECT, stack, settings, log)
    if command == "destroy":
        trial.destroy()
        folders.tidy(PROJECT)
    elif command in ("preview", "review"):
        raise TrialError(
            f"A {command} needs pulumi: the trial has no state to compare with. 'make render' shows the manifests."
        )
    elif command == "adopt":
        raise TrialError("To take something over needs pulumi: the trial has no state to take it into.")
    else:
        trial.up()
        _report(stack, settings, {})
    return 0


def _report(stack: str, settings: Settings, outputs: dict[str, Any]) -> None:
    each = outputs.get("placements") or {}
    for site in settings.sites:
        _report_on(stack, site, each.get(site.name, {}) if site.name else outputs)
    if settings.several and "promise" in outputs:
        print("\n".join(["\nThe promise over the clusters:", *across_lines(outputs["promise"], each)]))
    for nodes in sorted({site.cluster.nodes for site in settings.sites if isinstance(site.cluster, LocalCluster)}):
        print(f"\n{REAL if nodes == 'real' else SIMULATED}")


def _report_on(stack: str, site: Site, outputs: dict[str, Any]) -> None:
    backend = site.backend
    where = f", placement {site.name}" if site.name else ""
    print(f"\n{backend.name} in namespace {backend.namespace_name}, stack {stack}{where}:")
    if isinstance(site.cluster, LocalCluster):
        kubeconfig = folders.cluster(PROJECT, stack, site.distinct) / "kubeconfig"
        print("\n".join(state_lines(observe(Client(kubeconfig.read_text()), backend.name, backend.namespace_name))))
        print(f"  kubeconfig               {kubeconfig}")
    for name in ("endpoint", "deployment", "service", "weight", "healthPath"):
        if outputs.get(name):
            print(f"  output {name:<17} {outputs[name]}")
    print("\nThe promise, computed from the settings:")
    computed = outputs.get("promise") or promise(backend, stated(site.cluster)).as_output()
    print("\n".join(promise_lines(computed)))


def _env(stack: str) -> int:
    for name, value in state.choose(PROJECT, stack).environment.items():
        print(f"export {name}='{value}'")
    print("export PULUMI_FALLBACK_TO_STATE_SECRETS_MANAGER=true")
    return 0


if __name__ == "__main__":
    sys.exit(main())
