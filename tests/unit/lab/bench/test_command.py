"""The command line of the benchmarks, how they run and limit commands, and what they keep after a failure."""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from components.devcluster.errors import DevClusterError
from lab.bench import __main__ as command
from lab.bench import baselines, embedded, many, options, process, programs, sampler
from lab.bench.checkpoint import Checkpoint
from lab.bench.options import OptionsError
from lab.bench.process import StepError
from ops.cli.pulumi_binary import Engine


def test_by_default_everything_is_measured() -> None:
    result = options.parse([])
    assert result == options.Options()
    assert result.parts == ("cluster", "one", "many", "program") and result.sizes == (1, 10, 100, 300)


def test_parts_keep_their_own_order_and_sizes_are_sorted() -> None:
    result = options.parse(["--parts", "program one", "--sizes", "100,1,100", "--rounds", "2", "--bound", "60"])
    assert (result.parts, result.sizes, result.rounds, result.bound) == (("one", "program"), (1, 100), 2, 60)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--parts", "two,one,two"], "--parts: 'two' is invalid: valid values: cluster, one, many, program"),
        (["--sizes", "0"], "--sizes: '0' is invalid: use an integer from 1 to 1000"),
        (["--sizes", "ten"], "--sizes: 'ten' is invalid: use an integer from 1 to 1000"),
        (["--rounds", "-1"], "--rounds: '-1' is invalid: use an integer from 1 to 100"),
        (["--bound", "5"], "--bound: '5' is invalid: use an integer from 30 to 86400"),
        (["--parallel", "1.5"], "--parallel: '1.5' is invalid: use an integer from 1 to 1000"),
        (
            ["--report", __file__],
            f"--report: {__file__} is not a folder: use a folder, or a new path",
        ),
    ],
)
def test_an_invalid_option_is_rejected_in_one_line(
    words: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(OptionsError) as raised:
        options.parse(words)
    assert str(raised.value) == message
    assert command.main(words) == 1
    assert capsys.readouterr().err == f"{message}\n"


def test_all_problems_are_reported_together() -> None:
    with pytest.raises(OptionsError) as raised:
        options.parse(["--parts", "x", "--sizes", "0", "--rounds", "y"])
    assert len(str(raised.value).splitlines()) == 3


def test_the_parts_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["--list"]) == 0
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()] == list(options.PARTS)


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").touch()
    assert command.main(["--report", str(tmp_path / "file" / "below")]) == 1
    assert "--report: " in capsys.readouterr().err


def test_a_part_that_fails_is_named_and_the_others_continue(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def part(name: str, _engine: Engine, _wanted: options.Options, checkpoint: Checkpoint) -> None:
        if name == "one":
            raise DevClusterError("no helm")
        checkpoint.put([5.0], "cluster", "ready_s")

    monkeypatch.setattr(command, "_part", part)
    monkeypatch.setattr(command, "find", lambda *_, **__: Engine("pulumi", "3.260.0"))
    assert command.main(["--parts", "one,cluster", "--report", str(tmp_path)]) == 1
    raw = json.loads((tmp_path / "bench.json").read_text())
    assert raw["failed"] == {"one": "no helm"} and raw["cluster"] == {"ready_s": [5.0]}
    assert raw["machine"]["pulumi"] == "3.260.0"
    out = capsys.readouterr()
    assert "one could not be measured completely: no helm" in out.err
    assert "| embedded cluster ready | 5.0 s | 6 s |" in out.out == (tmp_path / "bench.md").read_text()


def test_without_pulumi_a_part_that_needs_it_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(command, "find", lambda *_, **__: "pulumi is not on PATH")
    assert command.main(["--parts", "one", "--report", str(tmp_path)]) == 1
    assert "it needs pulumi: pulumi is not on PATH" in capsys.readouterr().err


def test_an_interrupt_keeps_what_was_measured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def part(_name: str, _engine: Engine, _wanted: options.Options, checkpoint: Checkpoint) -> None:
        checkpoint.put(650.0, "cluster", "resident_mib")
        raise KeyboardInterrupt

    monkeypatch.setattr(command, "_part", part)
    monkeypatch.setattr(command, "find", lambda *_, **__: Engine("pulumi", "3.260.0"))
    assert command.main(["--report", str(tmp_path)]) == 130
    assert "650 MiB" in (tmp_path / "bench.md").read_text()


def test_a_command_is_measured_with_its_child_processes(tmp_path: Path) -> None:
    inner = "import time; kept = bytearray(60 * 2**20); time.sleep(1)"
    outer = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {inner!r}])"
    result = process.run([sys.executable, "-c", outer], tmp_path, os.environ, 30)
    assert result.seconds >= 1 and result.peak_mib > 60
    assert 0 < result.cpu_seconds < result.seconds + 10
    assert sum(result.parts_mib.values()) >= 60


def test_a_failed_command_is_reported_with_the_end_of_its_output(tmp_path: Path) -> None:
    with pytest.raises(StepError, match=r"(?s)failed:\nno such stack"):
        process.run([sys.executable, "-c", "import sys; sys.exit('no such stack')"], tmp_path, os.environ, 30)


def test_an_error_is_reported_despite_much_later_output(tmp_path: Path) -> None:
    code = "print('error: no capacity on any node'); print('calm'); print('x' * 5000); raise SystemExit(1)"
    with pytest.raises(StepError, match=r"(?s)failed:\nerror: no capacity on any node\nx+$"):
        process.run([sys.executable, "-c", code], tmp_path, os.environ, 30)


def test_a_command_that_times_out_is_killed_with_its_child_processes(tmp_path: Path) -> None:
    started = tmp_path / "started"
    inner = f"import os, pathlib, time; pathlib.Path({str(started)!r}).write_text(str(os.getpid())); time.sleep(600)"
    outer = f"import subprocess, sys; subprocess.Popen([sys.executable, '-c', {inner!r}]).wait()"
    with pytest.raises(StepError, match="timed out after 2 s"):
        process.run([sys.executable, "-c", outer], tmp_path, os.environ, 2)
    deadline = time.monotonic() + 20  # a killed process takes a moment to exit
    while started.exists() and Path(f"/proc/{started.read_text()}").exists():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_a_secret_contains_its_values_as_they_are_stored() -> None:
    secret = {"kind": "Secret", "stringData": {"KEY": "abc"}}
    assert baselines.with_values(secret) == {"kind": "Secret", "data": {"KEY": "YWJj"}}
    assert baselines.with_values({"kind": "ConfigMap", "data": {"a": "b"}}) == {"kind": "ConfigMap", "data": {"a": "b"}}


def test_a_chart_is_the_manifests_as_they_are(tmp_path: Path) -> None:
    objects: list[dict[str, Any]] = [
        {"kind": kind, "metadata": {"name": name}} for kind, name in (("Namespace", "a"), ("Service", "b"))
    ]
    folder = baselines.chart(tmp_path / "chart", "helm", objects)
    assert sorted(file.name for file in (folder / "templates").iterdir()) == ["00-namespace.yaml", "01-service.yaml"]
    with pytest.raises(ValueError, match=r"Service b contains \{\{"):
        baselines.chart(
            tmp_path / "other", "helm", [{"kind": "Service", "metadata": {"name": "b", "labels": {"a": "{{ x }}"}}}]
        )


def test_there_is_capacity_for_the_pods_of_many_backends() -> None:
    for size in (1, 10, 100, 300, 1000):
        assert many.nodes_per_zone(size) * 3 * 110 > 1.5 * 3 * size
    assert [many.previews(7, size) for size in (1, 10, 100, 300)] == [7, 7, 3, 3] and many.previews(2, 300) == 2


def test_the_floor_has_as_many_resources_as_a_backend() -> None:
    from tests.unit.lab.bench.test_handwritten import HANDWRITTEN

    # Without provider and autoscaler, plus a password and the component.
    assert (HANDWRITTEN / "__main__.py").read_text().count("k8s.") - 2 + 2 == many.RESOURCES


def test_small_backends_are_equal_by_hand() -> None:
    assert programs.SMALL["resources"]["requests"]["cpu"] == programs.SMALL_BY_HAND["BENCH_CPU"]
    assert programs.SMALL["resources"]["limits"]["cpu"] == programs.SMALL_BY_HAND["BENCH_CPU_LIMIT"]


_PACKAGES = "/p/venv/lib/python3.11/site-packages"


@pytest.mark.parametrize(
    ("stack", "phase"),
    [
        ([("/usr/lib/python3.11/selectors.py", "select"), (f"{_PACKAGES}/pulumi/runtime/stack.py", "run")], "waiting"),
        (
            [
                ("/usr/lib/typing.py", "f"),
                (f"{_PACKAGES}/pulumi_kubernetes/core/v1/_inputs.py", "<module>"),
                ("/p/components/pod.py", "<module>"),
            ],
            "sdk",
        ),
        (
            [
                (f"{_PACKAGES}/pydantic/main.py", "<module>"),
                ("<frozen importlib._bootstrap>", "load"),
                ("/p/components/settings/base.py", "<module>"),
            ],
            "import",
        ),
        (
            [
                (f"{_PACKAGES}/pydantic/main.py", "model_validate"),
                ("/p/components/settings/load.py", "_checked"),
                ("/p/__main__.py", "main"),
            ],
            "settings",
        ),
        (
            [("/p/components/availability/rules.py", "conflicts"), ("/p/components/settings/load.py", "_checked")],
            "rules",
        ),
        (
            [("/usr/lib/python3.11/socket.py", "create_connection"), ("/p/components/preflight/existing.py", "check")],
            "querying the cluster",
        ),
        (
            [("/p/components/pod.py", "pod_spec"), ("/p/__main__.py", "main"), ("/p/__main__.py", "<module>")],
            "building",
        ),
        (
            [
                (f"{_PACKAGES}/typing_extensions.py", "f"),
                (f"{_PACKAGES}/pulumi/_types.py", "f"),
                ("/p/components/pod.py", "pod_spec"),
            ],
            "sdk",
        ),
        ([("/usr/lib/python3.11/asyncio/events.py", "_run")], "sdk"),
    ],
)
def test_a_sample_belongs_to_the_innermost_code_of_the_program_or_the_sdk(
    stack: list[tuple[str, str]], phase: str
) -> None:
    assert sampler.phase(stack, "/p") == phase


@pytest.mark.parametrize(
    ("call", "phase"),
    [("load.load()", "settings"), ("asyncio.run(asyncio.to_thread(load.load))", "settings, while the engine works")],
)
def test_a_profile_adds_up_to_the_elapsed_time(tmp_path: Path, call: str, phase: str) -> None:
    (tmp_path / "sampler.py").write_text(Path(sampler.__file__).read_text())
    (tmp_path / "components" / "settings").mkdir(parents=True)
    (tmp_path / "components" / "settings" / "load.py").write_text(
        "import time\ndef load():\n    end = time.perf_counter() + 0.4\n    while time.perf_counter() < end: pass\n"
    )
    (tmp_path / "main.py").write_text(
        f"import sampler; sampler.start()\nimport asyncio\nfrom components.settings import load\n{call}\n"
    )
    environment = {**os.environ, "BENCH_PROFILE": str(tmp_path / "profile")}
    process.run([sys.executable, str(tmp_path / "main.py")], tmp_path, environment, 30)
    assert json.loads((tmp_path / "profile").read_text())[phase] >= 0.35


def test_make_up_in_a_fresh_copy_receives_no_variable_of_make_bench(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "Makefile").write_text("STACK ?= dev\nup:\n\t@echo '$(STACK) [$(ARGS)]' > printed\n")
    for name, value in {"MAKEFLAGS": " -- ARGS=--rounds\\ 3 STACK=prod", "ARGS": "--rounds 3", "STACK": "prod"}.items():
        monkeypatch.setenv(name, value)
    embedded.make("up", tmp_path, 30)
    assert (tmp_path / "printed").read_text() == "dev []\n"
