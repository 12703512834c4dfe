"""The clusters that the backend runs on: what is known about each, and the names of its resources."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import pulumi

from .. import folders
from ..cluster import look_up
from ..clusters.found import FoundCluster
from ..errors import clusters as errors
from ..errors import tagged
from ..inspection.kubeconfig import parsed
from ..preflight import PreflightError
from ..settings import Settings, Site
from ..settings.problems import Problem
from . import configuration

if TYPE_CHECKING:
    from ..backend import HighlyAvailableBackend

_BACKEND_KEY = "ha-backend:backend"


@dataclass(frozen=True)
class Place:
    """One cluster of the stack, and the result of its look-up."""

    site: Site
    found: FoundCluster

    @property
    def cluster_name(self) -> str:
        """Logical name of the cluster. It is a contract: another name replaces the cluster."""
        return _name("cluster", self.site.distinct)

    @property
    def backend_name(self) -> str:
        """Logical name of the backend. It is a contract: another name replaces the backend."""
        return _name(self.site.backend.name, self.site.distinct)

    def renamed(self, what: str) -> pulumi.ResourceOptions:
        """Return the alias of a resource that had the placement's name in its own, before ``adoptedFromCluster``."""
        return pulumi.ResourceOptions(
            aliases=[pulumi.Alias(name=_name(what, self.site.name))] if self.site.adopted_from_cluster else []
        )


def places(settings: Settings, project: Path) -> list[Place]:
    """Look up every cluster before anything is registered. Raises PreflightError with the problems of all of them."""
    found: list[Place] = []
    failed: list[PreflightError] = []
    for site in settings.sites:
        try:
            found.append(Place(site, _found(site, project, force=bool(settings.backend.selector))))
        except PreflightError as error:
            if not site.name:
                raise
            failed.append(error.below(site.name))
    shared = _shared_servers(found) if settings.several else []
    if failed or shared:
        raise PreflightError(*(Problem("", str(error)) for error in failed), *shared)
    return found


def after(previous: Sequence[HighlyAvailableBackend]) -> pulumi.ResourceOptions:
    """Return options that hold back a cluster until the backend on the previous one is verified."""
    if not previous:
        return pulumi.ResourceOptions()

    last = previous[-1]  # read it now: the caller appends to the same list

    async def verified() -> list[pulumi.Resource]:
        # False in a preview, which verifies nothing. Unknown if the engine continues after a failure.
        await last.verified.future()  # raises if the verification fails
        if not await last.verified.is_known():
            text = (
                "The release stops here: on the previous cluster, it is unknown whether the backend meets its promise"
            )
            raise pulumi.RunError(tagged(text, errors.PREVIOUS_CLUSTER_UNVERIFIED))
        return []

    return pulumi.ResourceOptions(depends_on=pulumi.Output.from_input(verified()))


def merged(*options: pulumi.ResourceOptions) -> pulumi.ResourceOptions:
    """Merge resource options."""
    return functools.reduce(pulumi.ResourceOptions.merge, options)


def _found(site: Site, project: Path, *, force: bool) -> FoundCluster:
    folder = str(folders.cluster(project, pulumi.get_stack(), site.distinct))
    found = (
        site.cluster.rendered()
        if configuration.rendering()
        else look_up(site.key, site.cluster, backend=site.backend, backend_key=_BACKEND_KEY, folder=folder)
    )
    return replace(found, folder=folder, adopt=configuration.resuming(), force=force)


def _name(what: str, placement: str) -> str:
    return f"{placement}-{what}" if placement else what


def _shared_servers(found: Sequence[Place]) -> list[Problem]:
    """Return the clusters whose kubeconfig leads to the API server of another one: both would fail together."""
    seen: dict[str, str] = {}
    problems = []
    for place in found:
        if not place.found.known:
            continue
        server = str(parsed(place.found.known.access.kubeconfig)["clusters"][0]["cluster"].get("server"))
        before = seen.setdefault(server, place.site.name)
        if before != place.site.name:
            text = f"has the same API server as {before}, {server}: name another cluster"
            problems.append(Problem(place.site.key, tagged(text, errors.SAME_CLUSTER_TWICE)))
    return problems
