"""`python -m ops.cli COMMAND STACK`: the commands behind make, with or without Pulumi on the machine."""

from __future__ import annotations

import argparse
import shutil
import sys
from pathlib import Path
from typing import Any

from components import folders
from components.availability import facts_from_settings, promise
from components.devcluster import images
from components.inspection.client import Client
from components.inspection.observation import observe
from components.preflight import LookUp
from components.runtime import stack_file
from components.settings import Settings, Site
from ops.cli import review, state
from ops.cli.adopt import adopt
from ops.cli.deploy import Deploy
from ops.cli.drift import drift
from ops.cli.embedded import is_embedded
from ops.cli.errors import PULUMI_NOT_FOUND
from ops.cli.preview_plan import DeployError
from ops.cli.pulumi_binary import Engine, find
from ops.cli.report import across_lines, promise_lines, state_lines
from ops.cli.reporting import USER_ERRORS, log
from ops.cli.run import Runner
from ops.cli.trial import Trial, TrialError
from ops.exit_codes import ExitCode

PROJECT = Path(__file__).parent.parent.parent
SIMULATED = (
    "Pods here are simulated, so the address answers no request: this cluster shows that the API server accepts, "
    "schedules and connects every object. For pods that serve, name a real cluster in the stack file (kind: existing), "
    "or set cluster.nodes to real."
)
REAL = (
    "Pods here are real: the address answers, from this machine only. The nodes reach no registry. Besides the "
    f"archives of cluster.images they have {images.SAMPLES['podinfo']} and {images.SAMPLES['naive']}."
)


def main() -> int:
    """Return the engine's exit code, or 1 with one message for an error that the user can act on."""
    parser = argparse.ArgumentParser(prog="python -m ops.cli", description=__doc__)
    parser.add_argument("command", choices=["up", "deploy", "drift", "preview", "review", "destroy", "adopt", "env"])
    parser.add_argument("stack")
    options, arguments = parser.parse_known_args()
    command, stack = options.command, options.stack
    review_options = None
    try:
        review_options = review.parse_options(arguments) if command == "review" else None
        settings = stack_file.settings(PROJECT, stack)
        if command == "env":
            return _env(stack)
        engine = find(PROJECT, log)
        if isinstance(engine, Engine):
            log(f"engine: pulumi {engine.version} ({engine.path})")
            chosen = state.choose(PROJECT, stack)
            runner = Runner(engine, chosen, log)
            if review_options:
                runner.select()
                return review.review(runner, stack, review_options, log)
            return _with_engine(runner, chosen, command, settings, arguments)
        if command in ("deploy", "drift"):
            raise DeployError(
                f"make {command} needs Pulumi, which records what was deployed before: {engine}. Install it "
                "(https://www.pulumi.com/docs/install) and run the command again.",
                PULUMI_NOT_FOUND,
            )
        log(
            f"Pulumi is missing: {engine}.\n"
            "Continuing without it, as a trial: the same program, applied with kubectl; no preview, no state."
        )
        return _without_engine(command, stack, settings)
    except USER_ERRORS as error:
        log(f"error: {error}")
        return review.save_error(review_options, error) if review_options else ExitCode.FAILED
    except KeyboardInterrupt:
        log("interrupted: run the same command again to continue")
        return ExitCode.INTERRUPTED


def _with_engine(runner: Runner, chosen: state.State, command: str, settings: Settings, arguments: list[str]) -> int:
    stack = chosen.stack
    if command in ("destroy", "drift") and not runner.exists():
        purpose = "destroy" if command == "destroy" else "compare the cluster with"
        log(f"there is no stack {stack!r} to {purpose}")
        return ExitCode.OK
    if command == "destroy":
        runner.select()
        code = runner.destroy()
        if code:
            for site in settings.sites:
                for line in site.cluster.remaining():
                    log(line)
        shutil.rmtree(folders.deployment(PROJECT, stack), ignore_errors=True)
        folders.tidy(PROJECT)
        return code
    if command == "adopt":
        return adopt(runner, stack, settings, log)
    # Invalid arguments of deploy end the process before anything is checked.
    deploy = Deploy(runner, chosen, settings, arguments, log).run if command == "deploy" else None
    if command in ("up", "deploy"):
        for site in settings.sites:
            folder = folders.cluster(PROJECT, stack, site.distinct)
            site.cluster.check(LookUp(backend=site.backend, folder=folder, log=log, outputs=runner.outputs_of))
    runner.select()
    if command == "preview":
        return runner.preview(arguments)
    if command == "drift":
        return drift(runner, stack, log)
    code = deploy() if deploy else runner.up(arguments)
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
            f"make {command} needs Pulumi: the trial has no state to compare with. `make render` shows the manifests.",
            PULUMI_NOT_FOUND,
        )
    elif command == "adopt":
        raise TrialError("make adopt needs Pulumi: the trial has no state to import into.", PULUMI_NOT_FOUND)
    else:
        trial.up()
        _report(stack, settings, {})
    return ExitCode.OK


def _report(stack: str, settings: Settings, outputs: dict[str, Any]) -> None:
    placements = outputs.get("placements") or {}
    for site in settings.sites:
        _report_site(stack, site, placements.get(site.name, {}) if site.name else outputs)
    if settings.several and "promise" in outputs:
        print("\n".join(["\nThe promise over the clusters:", *across_lines(outputs["promise"], placements)]))
    for nodes in sorted({site.cluster.nodes for site in settings.sites if is_embedded(site.cluster)}):
        print(f"\n{REAL if nodes == 'real' else SIMULATED}")


def _report_site(stack: str, site: Site, outputs: dict[str, Any]) -> None:
    backend = site.backend
    placement = f", placement {site.name}" if site.name else ""
    print(f"\n{backend.name} in namespace {backend.namespace_name}, stack {stack}{placement}:")
    if is_embedded(site.cluster):
        kubeconfig = folders.cluster(PROJECT, stack, site.distinct) / "kubeconfig"
        print("\n".join(state_lines(observe(Client(kubeconfig.read_text()), backend.name, backend.namespace_name))))
        print(f"  kubeconfig               {kubeconfig}")
    for name in ("endpoint", "deployment", "service", "weight", "healthPath"):
        if outputs.get(name):
            print(f"  output {name:<17} {outputs[name]}")
    print("\nThe promise, computed from the settings:")
    computed = outputs.get("promise") or promise(backend, facts_from_settings(site.cluster)).as_output()
    print("\n".join(promise_lines(computed)))


def _env(stack: str) -> int:
    for name, value in state.choose(PROJECT, stack).environment.items():
        print(f"export {name}='{value}'")
    print("export PULUMI_FALLBACK_TO_STATE_SECRETS_MANAGER=true")
    return ExitCode.OK


if __name__ == "__main__":
    sys.exit(main())
