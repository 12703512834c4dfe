"""What was found on a management cluster, before Cluster API makes or changes a cluster from it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from ..inspection.access import Access
from .problems import PreflightError
from .way import Way, answers


@dataclass(frozen=True)
class Managed:
    """What was found on a management cluster. ``asking``: whether the cluster is to be awaited; not where nothing is made.

    ``access``: a kubeconfig of the management cluster, a secret. ``way``: to the cluster itself, None before it is made.
    ``in_use``: the ClusterClass that it has.
    """

    access: str = field(repr=False)
    way: Way | None
    asking: bool = True
    in_use: str = ""

    @property
    def known(self) -> Access | None:
        """How the cluster is reached, where it is there."""
        return Access(self.way.access, self.way.identifier) if self.way else None

    def reachable(self, warn: Callable[[str], None]) -> Way | None:
        """The way, if there is one and somebody answers there: what is to be changed may be just what has to be mended."""
        if not self.way or not self.way.zones:
            return None
        try:
            answers(self.way)
        except PreflightError as error:
            warn(str(error))
            return None
        return self.way


RENDERED = Managed("rendered", None, asking=False)
"""Where nobody is asked."""
