"""Errors of the commands. The review's own errors belong to the same chapter of the reference."""

from __future__ import annotations

from components.errors import ErrorKind
from ops.review.errors import (  # noqa: F401 (the chapter lists them)
    CI_VARIABLE_INVALID,
    CODE_HOST_REJECTED,
    CODE_HOST_RESPONSE_INVALID,
    CODE_HOST_UNAVAILABLE,
    NOT_A_PREVIEW,
    NOT_IN_CI,
    PREVIEW_FILE_REJECTED,
    PREVIEW_INCOMPLETE,
    PREVIEW_OF_OTHER_STACK,
    REVIEW_FILE_NOT_WRITABLE,
    REVIEW_FILE_UNREADABLE,
    REVIEW_SHOWS_NO_SECRETS,
)

_INSTALL = "Install Pulumi (https://www.pulumi.com/docs/install) and run the command again."

PULUMI_NOT_FOUND = ErrorKind(
    "pulumi-not-found",
    "Pulumi not found",
    "The command needs the `pulumi` executable, because it compares with what was deployed before. It is neither on "
    "PATH nor in `.ha-backend/pulumi`, and the official release could not be downloaded.",
    _INSTALL,
)
PULUMI_TOO_OLD = ErrorKind(
    "pulumi-too-old",
    "Pulumi is too old",
    "The commands rely on flags and messages that this version does not have.",
    "Install the version that the message names, or a later one.",
)
TRIAL_UNSUPPORTED = ErrorKind(
    "trial-unsupported",
    "Stack cannot be deployed without Pulumi",
    "Without Pulumi, `make up` applies the rendered manifests with kubectl. That works for one embedded cluster only: "
    "it has no state, no outputs of other stacks, and no order between clusters.",
    _INSTALL,
)
KUBECTL_FAILED = ErrorKind(
    "kubectl-failed",
    "kubectl failed",
    "A step of a deployment without Pulumi failed. The message quotes kubectl.",
    "Fix what kubectl reports, then run the same command again. It continues where it stopped.",
)
STACK_NOT_CREATED = ErrorKind(
    "stack-not-created",
    "Stack cannot be created",
    "`pulumi stack init` failed in the chosen backend. The message quotes Pulumi.",
    "Check `PULUMI_BACKEND_URL`, your login and the passphrase, then run the command again.",
)
HISTORY_UNREADABLE = ErrorKind(
    "history-unreadable",
    "History of the stack cannot be read",
    "A deployment rolls back to the last good release, which it finds in the stack's history. Without the history it "
    "could not restore a working backend.",
    "Use credentials that may read the stack's history in its backend.",
)
STATE_LOCKED = ErrorKind(
    "state-locked",
    "State is locked",
    "Another process still works on this stack. Two updates at once would corrupt the state.",
    "Wait for that process or stop it, then run the command again.",
)
PREVIEW_FAILED = ErrorKind(
    "preview-failed",
    "Preview failed",
    "The engine could not compute the change, so nothing was deployed. The message quotes the engine.",
    "Fix what the engine reports. If others changed fields on the cluster, `make drift` shows them and "
    "`ARGS=--refresh` reverts them.",
)
PLAN_NOT_WRITTEN = ErrorKind(
    "plan-not-written",
    "No plan was written",
    "The engine previewed the change and wrote no plan. Without a plan the update could do more than was reviewed.",
    "Run the command again.",
)
CLUSTER_NOT_STARTED = ErrorKind(
    "cluster-not-started",
    "Embedded cluster did not start",
    "The stack's embedded cluster is stopped or lacks images, and it could not be started before the preview.",
    "Read the engine's output above the error, and fix what it reports.",
)
UPDATE_NOT_STARTED = ErrorKind(
    "update-not-started",
    "Update did not start",
    "The engine ended before the update began. Nothing was changed.",
    "Read the engine's output above the error. If the stack is locked, wait for the other update.",
)
EFFECT_NOT_ACCEPTED = ErrorKind(
    "effect-not-accepted",
    "Effect of the change is not accepted",
    "The review found an effect on availability that is worse than `--accept` allows. Nothing was changed.",
    "Change the settings as the review suggests. To deploy it anyway, pass the `--accept` that the message names.",
)
PLAN_REJECTED = ErrorKind(
    "plan-rejected",
    "Plan rejected",
    "Something changed between the preview and the update, so the engine refused to do more than was reviewed.",
    "Deploy again, which creates and reviews a new preview. If nothing changed, pass `ARGS=--unplanned`.",
)
RELEASE_ROLLED_BACK = ErrorKind(
    "release-rolled-back",
    "Release failed and was rolled back",
    "The new release did not meet its promise. The last good release is deployed again and keeps its promise.",
    "Correct the stack file, which still describes the failed release, and deploy again.",
)
RELEASE_NOT_ROLLED_BACK = ErrorKind(
    "release-not-rolled-back",
    "Release failed and was not rolled back",
    "The new release did not meet its promise, and there is no earlier release that a rollback could restore.",
    "Correct the settings and deploy again.",
)
ROLLBACK_FAILED = ErrorKind(
    "rollback-failed",
    "Rollback failed",
    "The new release failed, and so did the rollback. The cluster may run pods of both releases.",
    "Fix what the engine reports, then deploy again. The state records how far both updates got.",
)
DEPLOYMENT_INTERRUPTED = ErrorKind(
    "deployment-interrupted",
    "Deployment interrupted",
    "The update may be half done. Nothing was rolled back.",
    "Run `make deploy` again. It continues from the state, even if you reverted the stack file.",
)
REFRESH_FAILED = ErrorKind(
    "refresh-failed",
    "Cluster cannot be compared",
    "The engine could not read the objects on the cluster. The message quotes the engine.",
    "Check that the cluster responds and that the credentials may read its objects.",
)
DRIFT_FOUND = ErrorKind(
    "drift-found",
    "Cluster differs from what was deployed",
    "Somebody changed objects on the cluster since the last deployment.",
    "Run `make deploy ARGS=--refresh` to restore them, or add the change to the settings.",
)
ADOPTION_NEEDS_ONE_CLUSTER = ErrorKind(
    "adoption-needs-one-cluster",
    "Adoption needs one cluster",
    "A backend is adopted on one cluster at a time, and the stack names several.",
    "Name the cluster in `cluster`, adopt, then move it to `placements` with `adoptedFromCluster: true`.",
)
ADOPTION_NEEDS_EXISTING_CLUSTER = ErrorKind(
    "adoption-needs-existing-cluster",
    "Adoption needs an existing cluster",
    "The stack creates its own cluster, so there is no running backend on it to adopt.",
    "Name the cluster that the backend runs on.",
)
ADOPTION_STACK_IN_USE = ErrorKind(
    "adoption-stack-in-use",
    "Stack already has a Deployment",
    "The state already contains a Deployment. Importing a second one would confuse the two.",
    "Adopt into another stack.",
)
ADOPTION_REJECTED = ErrorKind(
    "adoption-rejected",
    "Backend cannot be adopted",
    "The next update would replace or restart what runs, or the engine cannot import it. Nothing was changed.",
    "Fix every reason that the message lists, then run the command again.",
)
ADOPTION_FAILED = ErrorKind(
    "adoption-failed",
    "Adoption failed",
    "The engine failed while it imported the objects. Nothing on the cluster was changed.",
    "Fix what the engine reports, then run the command again. It continues with what is missing.",
)
