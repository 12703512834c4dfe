"""The bench's command line, how it runs and bounds commands, and what it keeps when something fails."""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from components.devcluster.errors import LocalError
from lab.bench import __main__ as command
from lab.bench import baselines, embedded, many, options, process, programs, sampler
from lab.bench.checkpoint import Notes
from lab.bench.options import AskedError
from lab.bench.process import StepError
from ops.cli.pulumi_binary import Engine


def test_left_out_everything_is_measured() -> None:
    found = options.parse([])
    assert found == options.Asked()
    assert found.parts == ("cluster", "one", "many", "program") and found.sizes == (1, 10, 100, 300)


def test_parts_come_in_their_own_order_and_sizes_from_small_to_large() -> None:
    found = options.parse(["--parts", "program one", "--sizes", "100,1,100", "--rounds", "2", "--bound", "60"])
    assert (found.parts, found.sizes, found.rounds, found.bound) == (("one", "program"), (1, 100), 2, 60)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--parts", "two,one,two"], "--parts: 'two' is not known; right would be: cluster, one, many, program"),
        (["--sizes", "0"], "--sizes: '0' is not a whole number from 1 to 1000"),
        (["--sizes", "ten"], "--sizes: 'ten' is not a whole number from 1 to 1000"),
        (["--rounds", "-1"], "--rounds: '-1' is not a whole number from 1 to 100"),
        (["--bound", "5"], "--bound: '5' is not a whole number from 30 to 86400"),
        (["--parallel", "1.5"], "--parallel: '1.5' is not a whole number from 1 to 1000"),
        (
            ["--report", __file__],
            f"--report: {__file__} is no folder; right would be a folder, or a path where nothing is",
        ),
    ],
)
def test_what_cannot_be_meant_is_refused_in_one_line(
    words: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(AskedError) as refused:
        options.parse(words)
    assert str(refused.value) == said
    assert command.main(words) == 1
    assert capsys.readouterr().err == f"{said}\n"


def test_all_that_is_wrong_is_told_at_once() -> None:
    with pytest.raises(AskedError) as refused:
        options.parse(["--parts", "x", "--sizes", "0", "--rounds", "y"])
    assert len(str(refused.value).splitlines()) == 3


def test_the_parts_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["--list"]) == 0
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()] == list(options.PARTS)


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").touch()
    assert command.main(["--report", str(tmp_path / "file" / "below")]) == 1
    assert "--report: " in capsys.readouterr().err


def test_a_part_that_fails_is_named_and_the_others_go_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def part(name: str, _engine: Engine, _wanted: options.Asked, notes: Notes) -> None:
        if name == "one":
            raise LocalError("no helm")
        notes.put([5.0], "cluster", "ready_s")

    monkeypatch.setattr(command, "_part", part)
    monkeypatch.setattr(command, "find", lambda *_, **__: Engine("pulumi", "3.260.0"))
    assert command.main(["--parts", "one,cluster", "--report", str(tmp_path)]) == 1
    raw = json.loads((tmp_path / "bench.json").read_text())
    assert raw["failed"] == {"one": "no helm"} and raw["cluster"] == {"ready_s": [5.0]}
    assert raw["machine"]["pulumi"] == "3.260.0"
    out = capsys.readouterr()
    assert "one could not be measured to its end: no helm" in out.err
    assert "| embedded cluster ready | 5.0 s | 6 s |" in out.out == (tmp_path / "bench.md").read_text()


def test_without_pulumi_what_needs_it_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(command, "find", lambda *_, **__: "pulumi is not on PATH")
    assert command.main(["--parts", "one", "--report", str(tmp_path)]) == 1
    assert "pulumi is needed: pulumi is not on PATH" in capsys.readouterr().err


def test_an_interrupt_keeps_what_was_measured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def part(_name: str, _engine: Engine, _wanted: options.Asked, notes: Notes) -> None:
        notes.put(650.0, "cluster", "resident_mib")
        raise KeyboardInterrupt

    monkeypatch.setattr(command, "_part", part)
    monkeypatch.setattr(command, "find", lambda *_, **__: Engine("pulumi", "3.260.0"))
    assert command.main(["--report", str(tmp_path)]) == 130
    assert "650 MiB" in (tmp_path / "bench.md").read_text()


def test_a_command_is_measured_with_all_that_it_starts(tmp_path: Path) -> None:
    inner = "import time; kept = bytearray(60 * 2**20); time.sleep(1)"
    outer = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {inner!r}])"
    made = process.run([sys.executable, "-c", outer], tmp_path, os.environ, 30)
    assert made.seconds >= 1 and made.peak_mib > 60
    assert 0 < made.cpu_seconds < made.seconds + 10
    assert sum(made.parts_mib.values()) >= 60


def test_a_command_that_fails_says_its_last_words(tmp_path: Path) -> None:
    with pytest.raises(StepError, match=r"(?s)failed:\nno such stack"):
        process.run([sys.executable, "-c", "import sys; sys.exit('no such stack')"], tmp_path, os.environ, 30)


def test_what_went_wrong_is_told_although_much_was_said_after_it(tmp_path: Path) -> None:
    said = "print('error: no room on any node'); print('calm'); print('x' * 5000); raise SystemExit(1)"
    with pytest.raises(StepError, match=r"(?s)failed:\nerror: no room on any node\nx+$"):
        process.run([sys.executable, "-c", said], tmp_path, os.environ, 30)


def test_a_command_that_takes_too_long_is_ended_with_what_it_started(tmp_path: Path) -> None:
    started = tmp_path / "started"
    inner = f"import os, pathlib, time; pathlib.Path({str(started)!r}).write_text(str(os.getpid())); time.sleep(600)"
    outer = f"import subprocess, sys; subprocess.Popen([sys.executable, '-c', {inner!r}]).wait()"
    with pytest.raises(StepError, match="not done after 2 s"):
        process.run([sys.executable, "-c", outer], tmp_path, os.environ, 2)
    over = time.monotonic() + 20  # one that is killed takes a moment to be gone
    while started.exists() and Path(f"/proc/{started.read_text()}").exists():
        assert time.monotonic() < over
        time.sleep(0.05)


def test_a_secret_holds_its_values_as_they_are_stored() -> None:
    given = {"kind": "Secret", "stringData": {"KEY": "abc"}}
    assert baselines.with_values(given) == {"kind": "Secret", "data": {"KEY": "YWJj"}}
    assert baselines.with_values({"kind": "ConfigMap", "data": {"a": "b"}}) == {"kind": "ConfigMap", "data": {"a": "b"}}


def test_a_chart_is_the_manifests_as_they_are(tmp_path: Path) -> None:
    objects: list[dict[str, Any]] = [
        {"kind": kind, "metadata": {"name": name}} for kind, name in (("Namespace", "a"), ("Service", "b"))
    ]
    made = baselines.chart(tmp_path / "chart", "helm", objects)
    assert sorted(file.name for file in (made / "templates").iterdir()) == ["00-namespace.yaml", "01-service.yaml"]
    with pytest.raises(ValueError, match=r"Service b holds \{\{"):
        baselines.chart(
            tmp_path / "other", "helm", [{"kind": "Service", "metadata": {"name": "b", "labels": {"a": "{{ x }}"}}}]
        )


def test_there_is_room_for_all_pods_of_many() -> None:
    for size in (1, 10, 100, 300, 1000):
        assert many.nodes_a_zone(size) * 3 * 110 > 1.5 * 3 * size
    assert [many.previews(7, size) for size in (1, 10, 100, 300)] == [7, 7, 3, 3] and many.previews(2, 300) == 2


def test_resources_of_one_backend_are_as_many_as_the_floor_has() -> None:
    from tests.unit.lab.bench.test_handwritten import HANDWRITTEN

    # Neither provider nor autoscaler, but a password and the component.
    assert (HANDWRITTEN / "__main__.py").read_text().count("k8s.") - 2 + 2 == many.RESOURCES


def test_small_backends_are_the_same_by_hand() -> None:
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
                ("/p/settings/base.py", "<module>"),
            ],
            "import",
        ),
        (
            [
                (f"{_PACKAGES}/pydantic/main.py", "model_validate"),
                ("/p/settings/load.py", "_checked"),
                ("/p/__main__.py", "main"),
            ],
            "settings",
        ),
        ([("/p/availability/rules.py", "conflicts"), ("/p/settings/load.py", "_checked")], "rules"),
        (
            [("/usr/lib/python3.11/socket.py", "create_connection"), ("/p/preflight/existing.py", "check")],
            "asking the cluster",
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
def test_a_moment_belongs_to_the_innermost_code_that_is_somebody_s(stack: list[tuple[str, str]], phase: str) -> None:
    assert sampler.phase(stack, "/p") == phase


@pytest.mark.parametrize(
    ("call", "phase"),
    [("load.load()", "settings"), ("asyncio.run(asyncio.to_thread(load.load))", "settings, while the engine works")],
)
def test_a_profile_adds_up_to_the_time_that_was_spent(tmp_path: Path, call: str, phase: str) -> None:
    (tmp_path / "sampler.py").write_text(Path(sampler.__file__).read_text())
    (tmp_path / "settings").mkdir()
    (tmp_path / "settings" / "load.py").write_text(
        "import time\ndef load():\n    end = time.perf_counter() + 0.4\n    while time.perf_counter() < end: pass\n"
    )
    (tmp_path / "main.py").write_text(
        f"import sampler; sampler.start()\nimport asyncio\nfrom settings import load\n{call}\n"
    )
    around = {**os.environ, "BENCH_PROFILE": str(tmp_path / "profile")}
    process.run([sys.executable, str(tmp_path / "main.py")], tmp_path, around, 30)
    assert json.loads((tmp_path / "profile").read_text())[phase] >= 0.35


def test_make_up_in_a_fresh_copy_is_given_nothing_of_what_the_bench_was_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "Makefile").write_text("STACK ?= dev\nup:\n\t@echo '$(STACK) [$(ARGS)]' > said\n")
    for name, value in {"MAKEFLAGS": " -- ARGS=--rounds\\ 3 STACK=prod", "ARGS": "--rounds 3", "STACK": "prod"}.items():
        monkeypatch.setenv(name, value)
    embedded.made("up", tmp_path, 30)
    assert (tmp_path / "said").read_text() == "dev []\n"
