"""Reads the outputs of another stack through the engine, before anything is registered.

A StackReference would only pass them on to resources.
"""

from __future__ import annotations

import re

import pulumi

from ..preflight import Outputs, UnreadableError

_READ = "pulumi:pulumi:readStackOutputs"  # the function behind StackReference
_FRAME = re.compile(rf"invoke of {_READ} failed: |invocation of {_READ} returned an error: | \(\)$")


def outputs(stack: str) -> Outputs:
    """Return the outputs of a stack by its full name. Raises UnreadableError, also for the running stack."""
    if stack == f"{pulumi.get_organization()}/{pulumi.get_project()}/{pulumi.get_stack()}":
        raise UnreadableError("it is this very stack")
    try:
        answer = pulumi.runtime.invoke(_READ, {"name": stack}).value
    except Exception as error:  # the SDK raises no narrower type
        raise UnreadableError(" ".join(_FRAME.sub("", str(error)).split())) from None
    if answer["outputs"].get("kubeconfig") and "kubeconfig" not in answer["secretOutputNames"]:
        pulumi.log.warn(
            f"{stack}: its output kubeconfig is not a secret, so its state contains it in plain text: export it with "
            "pulumi.Output.secret"
        )
    return Outputs(answer["outputs"])
