"""Reads the outputs of another stack through the engine, at once: what they say is looked at before anything is registered.

A StackReference would tell them only to what is registered after it.
"""

from __future__ import annotations

import re

import pulumi

from ..preflight import Outputs, Unreadable

_READ = "pulumi:pulumi:readStackOutputs"  # the function behind StackReference
_FRAME = re.compile(rf"invoke of {_READ} failed: |invocation of {_READ} returned an error: | \(\)$")


def outputs(stack: str) -> Outputs:
    """The outputs of a stack by its full name. Raises Unreadable, also where it is the one that is being run."""
    if stack == f"{pulumi.get_organization()}/{pulumi.get_project()}/{pulumi.get_stack()}":
        raise Unreadable("it is this very stack")
    try:
        answer = pulumi.runtime.invoke(_READ, {"name": stack}).value
    except Exception as error:  # the SDK has no narrower one
        raise Unreadable(" ".join(_FRAME.sub("", str(error)).split())) from None
    if answer["outputs"].get("kubeconfig") and "kubeconfig" not in answer["secretOutputNames"]:
        pulumi.log.warn(
            f"{stack}: its output kubeconfig is no secret, so that it lies in plain text in its state: export it "
            "with pulumi.Output.secret"
        )
    return Outputs(answer["outputs"])
