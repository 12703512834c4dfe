"""Why the Job of a release failed: the exit code and the last words of its container."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..errors import tagged
from ..errors.verification import RELEASE_JOB_FAILED
from .client import Client, InspectionError, shared_client

_LAST_LINES = 5
_CONTROLLER_LABELS = ("controller-uid", "job-name")


def diagnose(kubeconfig: str, context: str | None, job: str, namespace: str) -> str:
    """Return why the Job failed, and what serves meanwhile."""
    try:
        client = shared_client(kubeconfig, context)
        causes = list(_causes(client, job, namespace)) or ["no pod of it is left"]
        reason = _reason(_read(client, job, namespace))
    except InspectionError as error:
        causes, reason = [f"its pods cannot be read: {error.text}"], ""
    return tagged(
        f"Job {job} of the release failed{f' ({reason})' if reason else ''}: {'; '.join(causes)}. The pods of the "
        "previous release keep serving; the next `pulumi up` runs the Job again",
        RELEASE_JOB_FAILED,
    )


def restart(kubeconfig: str, context: str | None, job: str, namespace: str) -> bool:
    """Run the Job anew if it has failed; return whether it had. Raises InspectionError.

    Kubernetes never runs a failed Job again, so it is replaced by an equal one.
    """
    client = shared_client(kubeconfig, context)
    found = _read(client, job, namespace)
    if not found or not _reason(found):
        return False
    client.call(client.BatchV1Api.delete_namespaced_job, job, namespace, propagation_policy="Background")
    client.call(client.BatchV1Api.create_namespaced_job, namespace, _anew(found))
    return True


def _anew(job: dict[str, Any]) -> dict[str, Any]:
    """Return a Job without what Kubernetes has added to it."""
    metadata = {key: value for key, value in job["metadata"].items() if key in ("name", "labels", "annotations")}
    spec = {key: value for key, value in job["spec"].items() if key != "selector"}
    labels = spec["template"]["metadata"].get("labels") or {}
    kept = {key: value for key, value in labels.items() if key.rpartition("/")[2] not in _CONTROLLER_LABELS}
    spec["template"] = {**spec["template"], "metadata": {**spec["template"]["metadata"], "labels": kept}}
    return {"apiVersion": "batch/v1", "kind": "Job", "metadata": metadata, "spec": spec}


def _read(client: Client, job: str, namespace: str) -> dict[str, Any] | None:
    return client.get_if_permitted(f"/apis/batch/v1/namespaces/{namespace}/jobs/{job}")


def _reason(job: dict[str, Any] | None) -> str:
    """Return why a Job has failed; empty if it has not."""
    conditions = ((job or {}).get("status") or {}).get("conditions") or []
    failed = (one for one in conditions if one["type"] == "Failed" and one["status"] == "True")
    return next((str(one.get("reason") or "Failed") for one in failed), "")


def _causes(client: Client, job: str, namespace: str) -> Iterator[str]:
    for pod in client.list_objects(f"/api/v1/namespaces/{namespace}/pods", f"batch.kubernetes.io/job-name={job}"):
        statuses = [*(pod.status.init_container_statuses or []), *(pod.status.container_statuses or [])]
        for status in statuses:
            yield from _cause(status)


def _cause(status: Any) -> Iterator[str]:
    state = status.state
    if state and state.terminated and state.terminated.exit_code:
        said = (state.terminated.message or "").strip().splitlines()[-_LAST_LINES:]
        words = f": {' / '.join(said)}" if said else ""
        yield f"container {status.name} exited with {state.terminated.exit_code} ({state.terminated.reason}){words}"
    elif state and state.waiting and state.waiting.reason not in (None, "ContainerCreating", "PodInitializing"):
        yield f"container {status.name} waits: {state.waiting.reason} ({state.waiting.message})"
