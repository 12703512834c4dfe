"""A cluster that another stack owns and describes in its outputs."""

import json
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from pydantic import Field

from ..errors import clusters as errors
from ..errors import tagged
from ..settings.base import form
from ..settings.problems import Problem
from .kind import ClusterKind

if TYPE_CHECKING:
    import pulumi

    from ..availability import ClusterFacts
    from ..inspection.access import ClusterAccess
    from ..preflight import KnownCluster, LookUp, PreflightError
    from .found import FoundCluster, RegisteredCluster

# Three of Pulumi's names, each of up to 100 characters.
STACK = r"^[A-Za-z0-9_.-]{1,100}(/[A-Za-z0-9_.-]{1,100}){2}$"
KUBECONFIG, IDENTIFIER, ZONES = "kubeconfig", "identifier", "zones"
_EXPECTED = {
    KUBECONFIG: "a kubeconfig, as a string or an object",
    IDENTIFIER: "a string that is not empty",
    ZONES: "a list of strings, each the name of a zone",
}


class StackReferenceCluster(ClusterKind):
    """A cluster that another stack owns, described by its outputs `kubeconfig`, `identifier` and `zones`."""

    example: ClassVar[Mapping[str, Any]] = {"kind": "stack-reference", "stack": "organization/platform/dev"}

    kind: Literal["stack-reference"]
    stack: Annotated[str, form(STACK, "a stack's full name, organization/project/stack", max_length=302)] = Field(
        description="The stack that owns the cluster, as organization/project/stack. Outside Pulumi Cloud, the "
        "organization is the literal word `organization`."
    )

    def facts_from_settings(self) -> "ClusterFacts":
        """Return nothing: the other stack describes the cluster."""
        from ..availability import UNKNOWN

        return UNKNOWN

    def identities(self) -> Iterator[tuple[str, object]]:
        """Yield the stack."""
        yield "stack", self.stack

    def replacing(self) -> Mapping[str, Any]:
        """Return the stack."""
        return self.model_dump()

    def locate(self, options: "LookUp") -> "KnownCluster":
        """Return the way that the outputs of the other stack describe."""
        from ..preflight import KnownCluster

        access, zones = self._outputs(options)
        return KnownCluster(
            access,
            zones,
            f"stack {self.stack!r}",
            "deploy that stack again",
            options.key,
            f"{options.key}.stack: output 'zones' of {self.stack!r}",
        )

    def register(self, name: str, parent: "pulumi.Resource", found: "FoundCluster") -> "RegisteredCluster":
        """Register nothing: the other stack owns the cluster.

        If that stack replaces the cluster, the user confirms that the old one is gone (PULUMI_K8S_DELETE_UNREACHABLE).
        """
        from dataclasses import replace

        from .found import register_known

        return replace(register_known(found, fallback=self.stack), delete_unreachable=None)

    def needs_engine(self) -> str:
        """Return the reason: only Pulumi can read the outputs of a stack."""
        return f"runs on the cluster of {self.stack!r}, whose outputs only Pulumi can read"

    def _outputs(self, options: "LookUp") -> "tuple[ClusterAccess, tuple[str, ...]]":
        """Return access and zones. Raises PreflightError if the stack has no outputs, or not the required ones."""
        from ..inspection.access import ClusterAccess
        from ..preflight import UnreadableError, reduced_to_current

        try:
            values = options.outputs(self.stack).values
        except UnreadableError as error:
            raise self._rejected(
                options,
                f"cannot be read ({error}): name the stack that owns the cluster in full (organization/project/stack). "
                "`pulumi stack ls --all` lists the stacks of the backend in use, and `pulumi whoami --verbose` shows "
                "that backend; both stacks must be in it",
            ) from None
        if not values:
            raise self._rejected(
                options,
                "has no outputs: it was never deployed, or was destroyed, or exports nothing: deploy it first "
                f"(pulumi up --stack {self.stack}, in its own directory)",
            )
        problems = list(_problems(values))
        kubeconfig, context = "", ""
        if not any(name == KUBECONFIG for name, _ in problems):
            try:
                kubeconfig, context = reduced_to_current(_parsed(values[KUBECONFIG]))
            except ValueError as error:
                problems.append((KUBECONFIG, str(error)))
        if problems:
            lines = "; ".join(f"output {name!r} {text}" for name, text in problems)
            raise self._rejected(
                options,
                f"lacks what a stack on its cluster needs: {lines}: export it from that stack. Its outputs are "
                f"{', '.join(sorted(values))} (pulumi stack output --stack {self.stack})",
            )
        return ClusterAccess(kubeconfig, context, values[IDENTIFIER]), tuple(values.get(ZONES) or ())

    def _rejected(self, options: "LookUp", text: str) -> "PreflightError":
        from ..preflight import PreflightError

        message = tagged(f"{self.stack!r} {text}", errors.STACK_OUTPUTS_UNUSABLE)
        return PreflightError(Problem(f"{options.key}.stack", message))


def _problems(values: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield the outputs that are missing or malformed. A value that may contain a kubeconfig is never shown."""
    for name in (KUBECONFIG, IDENTIFIER):
        if values.get(name) is None:
            yield name, f"is missing: must be {_EXPECTED[name]}"
    for name, expected in _EXPECTED.items():
        value = values.get(name)
        if value is not None and not _is_valid(name, value):
            yield name, f"is {_described(value)}: must be {expected}"


def _is_valid(name: str, value: Any) -> bool:
    if name == ZONES:
        return isinstance(value, list) and all(isinstance(zone, str) and zone for zone in value)
    return bool(value) and isinstance(value, (str, Mapping) if name == KUBECONFIG else str)


def _described(value: Any) -> str:
    if value == {}:  # the engine's answer for a secret that it cannot decrypt
        return "an empty object, as if that stack encrypts its secrets with a passphrase or key that is not in use here"
    if value == "":
        return "an empty string"
    if isinstance(value, list) and value:
        invalid = next((entry for entry in value if not isinstance(entry, str) or not entry), value[0])
        return f"a list that contains {_described(invalid)}"
    types = {str: "a string", list: "an empty list", bool: "true or false", dict: "an object"}
    return types.get(type(value), "a number")


def _parsed(kubeconfig: str | Mapping[str, Any]) -> Any:
    """Parse a kubeconfig, which some stacks export as an object. Raises ValueError."""
    import yaml

    from ..inspection.kubeconfig import parsed

    try:
        return parsed(kubeconfig) if isinstance(kubeconfig, str) else json.loads(json.dumps(kubeconfig))
    except yaml.YAMLError:
        raise ValueError("is not a kubeconfig") from None
