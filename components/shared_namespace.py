"""A namespace that several backends share, with one policy for all of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pulumi

from . import namespace_registry, validation
from .availability import UNKNOWN, ClusterFacts
from .namespace import namespace
from .namespace_scope import Space
from .network_policy import default_deny
from .resource_quota import limit_range, resource_quota
from .settings.shared_namespace import SharedNamespaceSettings
from .settings.well_known import COMPONENT_LABEL, MANAGER, MANAGER_LABEL, NAME_LABEL


class SharedNamespace(pulumi.ComponentResource):
    """A namespace for several backends: what is admitted, how many pods there may be, and no traffic but what each opens.

    ``args`` are SharedNamespaceSettings, or a mapping with the same keys: ``name``, and ``backends``, the settings of all of
    them, whose needs together bound the number of pods. Give it to each of them: ``HighlyAvailableBackend(one.name, one,
    namespace=shared)`` for every ``one`` of ``shared.backends``. ``cluster`` says what is known of the cluster. Raises
    SettingsError, with every problem of every backend at once, before anything is registered. It makes no provider.

    ``backends`` are the settings of all of them, checked, with their namespace filled in.
    """

    namespace_name: pulumi.Output[str]
    """The namespace's name."""

    def __init__(
        self,
        name: str,
        args: SharedNamespaceSettings | Mapping[str, Any],
        *,
        cluster: ClusterFacts = UNKNOWN,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        settings = validation.shared_namespace(args, name, cluster)
        place, token = namespace_registry.place(opts), object()
        namespace_registry.admit(namespace_registry.Claim(name, shared=token), settings.name, place)
        super().__init__(
            "ha-backend:index:SharedNamespace", name, settings.model_dump(by_alias=True, exclude_none=True), opts
        )
        # Not among the annotations above: these are the types of what the engine gives back, and it gives plain data.
        self.settings, self.backends = settings, list(settings.backends)
        self.title, self.place, self.token = name, place, token
        labels = {NAME_LABEL: settings.name, COMPONENT_LABEL: "namespace", MANAGER_LABEL: MANAGER}
        space = Space(name, settings.name, settings.name, labels, self)
        self.namespace = namespace(space)
        self.quota = resource_quota(space, self.namespace, settings.backends)
        self.limits = limit_range(space, self.namespace, settings.backends)
        self.default_deny = default_deny(space, self.namespace)
        self.namespace_name = pulumi.Output.from_input(settings.name)
        self.register_outputs({"namespaceName": self.namespace_name})
