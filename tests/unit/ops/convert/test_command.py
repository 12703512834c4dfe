"""`python -m ops.convert` writes a stack file for each Deployment and one report, or one message."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import pytest
import yaml

from ops.convert.__main__ import main
from ops.convert.conversion import PROJECT, convert
from ops.convert.documents import read
from ops.render.evaluate import evaluate
from tests.unit.ops.convert.manifests import Object, container, service


@pytest.fixture
def manifest(tmp_path: Path) -> Path:
    """Return a manifest with two services, one of which cannot be converted."""

    def other(deployment: Object, sibling: Object) -> None:
        for one in (deployment, sibling):
            one["metadata"]["name"] = "root"
        deployment["spec"]["selector"]["matchLabels"] = {"app": "root"}
        deployment["spec"]["template"]["metadata"]["labels"] = {"app": "root"}
        sibling["spec"]["selector"] = {"app": "root"}
        container(deployment)["securityContext"] = {"privileged": True}

    file = tmp_path / "all.yaml"
    once = service(lambda deployment, sibling: deployment["spec"].update(replicas=1))
    file.write_text(yaml.safe_dump_all([*once, *service(other), {"apiVersion": "v1", "kind": "Namespace"}]))
    return file


def test_of_an_object_that_is_there_twice_the_last_counts(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    first, last = service()[1], {**service()[1], "spec": {**service()[1]["spec"], "type": "NodePort"}}
    file = tmp_path / "twice.yaml"
    file.write_text(yaml.safe_dump_all([first, *service()[:1], last]))
    assert main([str(file), "--out", "-"]) == 0
    output = capsys.readouterr()
    assert "the last one counts, as with kubectl apply: Service shop/web." in output.err
    assert (
        yaml.safe_load(output.out)["config"]["ha-backend:backend"]["overrides"]["service"]["spec"]["type"] == "NodePort"
    )


def test_a_rendered_stack_becomes_the_same_pods_again() -> None:
    rendered = evaluate(PROJECT, "dev").manifests
    (again,) = convert(read(io.BytesIO(yaml.safe_dump_all(rendered).encode()), "dev.yaml"), "dev.yaml")
    before, after = (next(one for one in each if one["kind"] == "Deployment") for each in (rendered, again.rendered))
    for one in (before, after):
        one["spec"]["template"]["metadata"].pop("annotations", None)
    same = ("securityContext", "tolerations", "topologySpreadConstraints", "volumes")
    old, new = (one["spec"]["template"]["spec"] for one in (before, after))
    assert {field: new[field] for field in same} == {field: old[field] for field in same}
    fields = ("resources", "readinessProbe", "livenessProbe", "startupProbe", "image", "securityContext")
    [own], [copy] = old["containers"], new["containers"]
    ports = {port["name"]: port["containerPort"] for port in own["ports"]}
    for probe in ("readinessProbe", "livenessProbe", "startupProbe"):
        port = own[probe]["httpGet"]["port"]
        own[probe]["httpGet"]["port"] = ports.get(port, port)
    # The manifest does not say how soon the load balancer notices a node, so the pod serves on for longer.
    drains = [
        pod["terminationGracePeriodSeconds"] - one["lifecycle"]["preStop"]["sleep"]["seconds"]
        for pod, one in ((old, own), (new, copy))
    ]
    assert drains[0] == drains[1]
    assert {field: copy[field] for field in fields} == {field: own[field] for field in fields}


def test_files_and_report(manifest: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "out"
    assert main([str(manifest), "--out", str(out)]) == 1  # one of two is not possible
    assert [file.name for file in out.iterdir()] == ["Pulumi.web.yaml"]
    captured = capsys.readouterr()
    assert captured.out == ""
    report = captured.err
    assert report.startswith("# Conversion of all.yaml\n")
    assert f"| shop/web | changed | {out}/Pulumi.web.yaml |" in report
    assert "| shop/root | not possible | - |" in report
    assert "Left out, because a stack does not own such objects: 1 Namespace." in report
    for title in ("Taken over as it is", "Changed, and why", "Not possible, and why", "To answer"):
        assert f"### {title}" in report
    assert "[pod-needs-privileges] (promise: Pod Security restricted" in report


def test_standard_input_and_output(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    text = yaml.safe_dump_all(service()).encode()
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text)))
    assert main(["-", "--out", "-"]) == 0
    captured = capsys.readouterr()
    assert yaml.safe_load(captured.out)["config"]["ha-backend:backend"]["name"] == "web"
    assert "# Conversion of standard input" in captured.err


def test_the_report_may_be_a_file(manifest: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    report = tmp_path / "reports" / "report.md"
    main([str(manifest), "--out", str(tmp_path / "out"), "--report", str(report)])
    assert capsys.readouterr().err == ""
    assert report.read_text().startswith("# Conversion of all.yaml")


def test_a_stack_file_that_exists_is_kept(manifest: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "out" / "Pulumi.web.yaml"
    file.parent.mkdir()
    file.write_text("mine")
    words = [str(manifest), "--out", str(file.parent)]
    assert main(words) == 1
    assert "exists already" in capsys.readouterr().err
    assert file.read_text() == "mine"
    main([*words, "--force"])
    assert file.read_text() != "mine"


@pytest.mark.parametrize("name", ["missing.yaml", "."])
def test_a_file_that_cannot_be_read(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path / name)]) == 1
    message = capsys.readouterr().err
    assert message.count("\n") == 1
    assert message.endswith(": pass a file [manifest-unreadable]\n")


def test_a_folder_that_cannot_be_written(manifest: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").write_text("")
    assert main([str(manifest), "--out", str(tmp_path / "file")]) == 1
    assert capsys.readouterr().err.endswith("[output-not-writable]\n")
