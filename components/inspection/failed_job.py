"""Why the Job of a release failed: the exit code and the last words of its container."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..errors import tagged
from ..errors.verification import RELEASE_JOB_FAILED
from .client import Client, InspectionError, shared_client

_LAST_LINES = 5


def remove(kubeconfig: str, context: str | None, job: str, namespace: str) -> str:
    """Return why the Job failed, and delete it if it has ended: the next `pulumi up` then runs it again."""
    try:
        client = shared_client(kubeconfig, context)
        causes = list(_causes(client, job, namespace)) or ["no pod of it is left"]
        ended = _ended(client, job, namespace)
        if ended:
            client.call(client.BatchV1Api.delete_namespaced_job, job, namespace, propagation_policy="Background")
    except InspectionError as error:
        causes, ended = [f"its pods cannot be read: {error.text}"], ""
    again = "; the next `pulumi up` runs it again" if ended else ""
    return tagged(
        f"Job {job} of the release failed{f' ({ended})' if ended else ''}: {'; '.join(causes)}. The pods of the "
        f"previous release keep serving{again}",
        RELEASE_JOB_FAILED,
    )


def _ended(client: Client, job: str, namespace: str) -> str:
    found = client.call(client.BatchV1Api.read_namespaced_job, job, namespace)
    conditions = (found.status.conditions or []) if found else []
    return next((str(each.reason) for each in conditions if each.type == "Failed" and each.status == "True"), "")


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
