"""Where the backend is to run: each cluster of the stack, what is known of it, and what its resources are called."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pulumi

from ..inspection.kubeconfig import parsed
from ..preflight import PreflightError
from ..settings import Settings, Site
from . import configuration, folders
from .configuration import Surroundings

if TYPE_CHECKING:  # loaded later, while the engine works
    from .. import HighlyAvailableBackend


@dataclass(frozen=True)
class Place:
    """One cluster. ``folder``: where it lives, if it is embedded."""

    site: Site
    folder: Path
    around: Surroundings

    @property
    def cluster_name(self) -> str:
        """Logical name of the cluster, a contract: renaming replaces."""
        return _name("cluster", self.site.distinct)

    @property
    def backend_name(self) -> str:
        """That of the backend, likewise."""
        return _name(self.site.backend.name, self.site.distinct)

    def renamed(self, what: str) -> pulumi.ResourceOptions:
        """What had the placement's name in its own, before it was said that it was the stack's only cluster."""
        return pulumi.ResourceOptions(
            aliases=[pulumi.Alias(name=_name(what, self.site.name))] if self.site.adopted_from_cluster else []
        )


def places(settings: Settings, project: Path, stack: str) -> list[Place]:
    """Every cluster, looked at before anything is registered. Raises PreflightError with what is wrong with any of them."""
    found: list[Place] = []
    problems: list[str] = []
    for site in settings.sites:
        folder = folders.cluster(project, stack, site.distinct)
        try:
            found.append(Place(site, folder, configuration.surroundings(site, folder)))
        except PreflightError as error:
            if not site.name:
                raise
            problems.append(f"{site.name}: {error}")
    problems += _met(found)
    if problems:
        raise PreflightError("\n".join(problems))
    return found


def after(before: Sequence[HighlyAvailableBackend]) -> pulumi.ResourceOptions:
    """Nothing is made or changed on a cluster until the backend on the one before was found to keep its promise."""
    if not before:
        return pulumi.ResourceOptions()

    last = before[-1]  # now: the one that is to wait comes into the same list

    async def verified() -> list[pulumi.Resource]:
        # Not known where the engine goes on though something of it has failed; False in a preview, which asks nobody.
        await last.verified.future()  # raises where it does not
        if not await last.verified.is_known():
            raise pulumi.RunError(
                "The release stops here: on the cluster before, nobody knows whether it keeps its promise."
            )
        return []

    return pulumi.ResourceOptions(depends_on=pulumi.Output.from_input(verified()))


def merged(*options: pulumi.ResourceOptions) -> pulumi.ResourceOptions:
    """All of them as one."""
    return functools.reduce(pulumi.ResourceOptions.merge, options)


def _name(what: str, placement: str) -> str:
    return f"{placement}-{what}" if placement else what


def _met(found: Sequence[Place]) -> list[str]:
    """Two kubeconfigs may lead to one cluster, which cannot be lost and be left."""
    seen: dict[str, str] = {}
    problems = []
    for place in found:
        if not place.around.access:
            continue
        server = str(parsed(place.around.access)["clusters"][0]["cluster"].get("server"))
        before = seen.setdefault(server, place.site.name)
        if before != place.site.name:
            problems.append(
                f"{place.site.key}: its API server, {server}, is that of {before} too: name another cluster"
            )
    return problems
