"""The settings of a stack. Each one is defined once, here, with its description, unit, default and bounds.

A setting is a field of a pydantic model. The JSON schema, the settings reference, the inputs of the components and
every message come from it. Find the settings of

* the Deployment, its pods and the namespace in ``backend``, ``pod`` and ``pod_template``;
* the HorizontalPodAutoscaler in ``autoscaling``, and the PodDisruptionBudget in ``backend``;
* the Service in three places: the port in ``backend`` (``servicePort``), the type and the external traffic policy in
  ``load_balancer``, and who may connect in ``network`` (``allowFrom``);
* the Ingress and the HTTPRoute in ``ingress``, a service mesh in ``mesh``, and the NetworkPolicies in ``network``;
* the cluster in ``cluster`` and ``cluster_api``, and several clusters in ``placements`` and ``balancer``.
"""

from .backend import BackendSettings
from .cluster import ClusterApiCluster, ClusterSettings, ExistingCluster, LocalCluster, StackReferenceCluster
from .load import load
from .placements import Site
from .problems import SettingsError
from .stack import Settings

__all__ = [
    "BackendSettings",
    "ClusterApiCluster",
    "ClusterSettings",
    "ExistingCluster",
    "LocalCluster",
    "Settings",
    "SettingsError",
    "Site",
    "StackReferenceCluster",
    "load",
]
