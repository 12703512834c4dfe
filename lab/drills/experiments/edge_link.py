"""Edge link: a site's link to the control plane is cut. Its own clients must not notice, and its pods must stay."""

from __future__ import annotations

from collections.abc import Mapping

from lab.drills.backend import Backend
from lab.drills.drill import SITE_LINK, Drill, DrillContext
from lab.drills.kube import DrillError
from lab.drills.pods import Pod
from lab.drills.target import pause
from lab.drills.verdict import Limits

# A silent node counts as lost after 50 s, and pods that tolerate that for 30 s are then deleted. In a zone of two
# nodes, the second node's pods follow 10 s after the first's.
CUT_SECONDS = 100
GIVEN_UP = "link restored; pods deleted meanwhile: "
_SCALE_SECONDS = 60
# Kubernetes has marked the site's pods as not ready. If kube-proxy receives that before the kubelet has corrected it,
# new connections are refused until it has. kube-proxy's client waits 30 s between two attempts, doubled by jitter.
RETURN_SECONDS = 60


def _pods_by_uid(context: DrillContext, backend: Backend) -> dict[str, Pod]:
    return {pod.uid: pod for pod in context.target.kube.pods(backend.namespace, backend.selector)}


def _act(context: DrillContext) -> None:
    before = {backend.name: _pods_by_uid(context, backend) for backend in context.backends}
    context.target.cut_link()
    try:
        pause(CUT_SECONDS / 2)
        context.each(lambda backend: _scale(context, backend, backend.full + 1), context.under_test)
        context.note("one more replica is requested from the control plane")
        pause(CUT_SECONDS / 2)
        deleted = {
            backend.name: len(set(before[backend.name]) - set(_pods_by_uid(context, backend)))
            for backend in context.backends
        }
    finally:
        context.target.restore_link()
    context.note(GIVEN_UP + ", ".join(f"{name} {number} of {len(before[name])}" for name, number in deleted.items()))
    context.target.await_site()
    context.note("the control plane sees the site")
    context.each(lambda backend: _check_scaled(context, backend), context.under_test)
    for backend in context.under_test:
        for text in changed(before[backend.name], _pods_by_uid(context, backend)):
            context.violated(backend, text)


def _scale(context: DrillContext, backend: Backend, replicas: int) -> None:
    context.target.kube.scale(backend.namespace, backend.deployment, replicas)


def _check_scaled(context: DrillContext, backend: Backend) -> None:
    """Check that the replica that was requested while the link was cut becomes ready."""
    try:
        context.target.kube.wait_until(
            lambda: len(context.ready_pods(backend)) == backend.full + 1, _SCALE_SECONDS, "the pod"
        )
    except DrillError:
        context.violated(
            backend,
            f"the replica that was requested while the link was cut was not ready {_SCALE_SECONDS} s after the "
            "control plane saw the site again",
        )


def changed(before: Mapping[str, Pod], after: Mapping[str, Pod]) -> list[str]:
    """Describe each pod that was deleted or restarted, although it should have stayed."""
    deleted = [f"pod {pod.name} on {pod.node} was deleted" for uid, pod in before.items() if uid not in after]
    return deleted + [
        f"pod {pod.name} on {pod.node} was restarted"
        for uid, pod in before.items()
        if uid in after and after[uid].restarts > pod.restarts
    ]


def _limits(_: Backend) -> Limits:
    return Limits(first_failure=CUT_SECONDS, error_window_seconds=CUT_SECONDS + RETURN_SECONDS, same_pods=True)


def _restore(context: DrillContext) -> None:
    context.target.restore_link()
    context.target.await_site()
    context.each(lambda backend: _scale(context, backend, backend.full), context.under_test)


DRILL = Drill(
    "edge-link",
    f"edge site cut off for {CUT_SECONDS} s",
    _act,
    _limits,
    "no request fails while the link is cut, and failures after its return end in a bounded time; no pod is moved or "
    "restarted; what was requested meanwhile is carried out",
    restore=_restore,
    needs=frozenset({SITE_LINK}),
)
