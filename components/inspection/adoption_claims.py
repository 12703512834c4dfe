"""Find what others use, so that an adoption leaves it alone."""

from __future__ import annotations

from collections.abc import Iterator

from ..errors import adoption as errors
from ..errors import tagged
from ..settings import BackendSettings
from ..settings.well_known import NAME_LABEL
from .namespace_contents import Object, name_of
from .service_names import service_names

_BINDINGS = ("RoleBinding", "ClusterRoleBinding")


def objections(backend: BackendSettings, wanted: Object, live: Object) -> Iterator[str]:
    """Yield what others would lose if the stack adopted this object, each with its remedy.

    ``wanted`` is the object that the stack would create. It is empty if the preview does not know all of it.
    """
    title, metadata = f"{live['kind']} {name_of(live)}", live["metadata"]
    for owner in metadata.get("ownerReferences") or ():
        yield _tagged(
            f"{title} is made by {owner['kind']} {owner['name']}, which would set it back: omit it from the settings, "
            "or delete its owner first"
        )
    inside = metadata.get("namespace", name_of(live)) == backend.namespace_name
    if not inside and (metadata.get("labels") or {}).get(NAME_LABEL) != backend.name:
        yield _tagged(
            f"{title} exists outside of namespace {backend.namespace_name} already, and others may use it: omit it "
            "from the settings, or delete it first"
        )
    if others := sorted(service_names(live.get("spec")) - service_names(wanted.get("spec")) - {backend.name}):
        yield _tagged(
            f"{title} also sends requests to Service {', '.join(others)}, which would get none: move those rules to an "
            "object of their own"
        )
    if wanted and live["kind"] in _BINDINGS:
        yield from _binding(title, wanted, live)


def _binding(title: str, wanted: Object, live: Object) -> Iterator[str]:
    role, new = (one.get("roleRef") or {} for one in (live, wanted))
    if (role.get("kind"), role.get("name")) != (new.get("kind"), new.get("name")):
        yield _tagged(
            f"{title} binds {role.get('kind')} {role.get('name')}, and a binding cannot get another role: delete it "
            "first, or choose another name"
        )
    before, after = (
        {(each.get("kind"), each.get("name")) for each in one.get("subjects") or ()} for one in (live, wanted)
    )
    if lost := sorted(f"{kind} {name}" for kind, name in before - after):
        yield _tagged(
            f"{title} also gives rights to {', '.join(lost)}: give them those by a binding of their own first"
        )


def _tagged(text: str) -> str:
    return tagged(text, errors.OBJECT_OF_OTHERS)
