"""Check the plugin's CRUD of an embedded cluster, over the wire, without a cluster."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.protobuf import json_format, struct_pb2
from pulumi.runtime.proto import provider_pb2

from ops.provider import tokens
from tests.support.fake_engine import SECRET, SIGNATURE
from tests.support.plugin_process import Plugin, running
from tests.unit.components.test_embedded_provider import INPUTS

URN = f"urn:pulumi:test::shop::{tokens.EMBEDDED}::cluster"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Plugin]:
    with running(tmp_path_factory.mktemp("program")) as started:
        yield started


def properties(folder: Path, **more: Any) -> struct_pb2.Struct:
    found = struct_pb2.Struct()
    found.update(
        {
            **INPUTS,
            "folder": str(folder),
            **more,
        }
    )
    return found


def test_inputs_are_accepted_as_they_are(served: Plugin, tmp_path: Path) -> None:
    news = properties(tmp_path)
    assert served.stub.Check(provider_pb2.CheckRequest(urn=URN, news=news)).inputs == news


def test_another_zone_replaces_the_cluster_which_is_deleted_first(served: Plugin, tmp_path: Path) -> None:
    olds = properties(tmp_path, kubeconfig={SIGNATURE: SECRET, "value": "hush-hush"}, instance="uid")
    found = served.stub.Diff(
        provider_pb2.DiffRequest(id="x", urn=URN, olds=olds, news=properties(tmp_path, zones=["a"]))
    )
    assert found.changes == provider_pb2.DiffResponse.DIFF_SOME
    assert list(found.replaces) == ["zones"] and found.deleteBeforeReplace


def test_a_cluster_that_is_gone_is_read_as_gone(served: Plugin, tmp_path: Path) -> None:
    found = served.stub.Read(provider_pb2.ReadRequest(id="x", urn=URN, properties=properties(tmp_path / "gone")))
    assert found.id == "" and not json_format.MessageToDict(found.properties)


def test_a_failed_creation_has_no_traceback(served: Plugin, tmp_path: Path) -> None:
    folder = tmp_path / "a place"
    with pytest.raises(grpc.RpcError) as rejected:
        served.stub.Create(provider_pb2.CreateRequest(urn=URN, properties=properties(folder)))
    message = str(rejected.value.details())
    assert "the path must not contain spaces" in message and "Traceback" not in message


def test_a_deletion_leaves_no_empty_directory(served: Plugin, tmp_path: Path) -> None:
    folder = tmp_path / ".ha-backend" / "clusters" / "dev" / "cluster"
    folder.parent.mkdir(parents=True)
    (folder.parent.parent / "other").mkdir()
    served.stub.Delete(provider_pb2.DeleteRequest(id="x", urn=URN, properties=properties(folder)))
    assert not folder.parent.exists() and (folder.parent.parent / "other").exists()
    (folder.parent.parent / "other").rmdir()
    served.stub.Delete(provider_pb2.DeleteRequest(id="x", urn=URN, properties=properties(folder)))
    assert list(tmp_path.iterdir()) == []
