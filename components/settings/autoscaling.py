"""The settings of the HorizontalPodAutoscaler (HPA)."""

from typing import Annotated, Any, Literal

from pydantic import Field

from .base import LabelKey, LabelValue, MetricName, SettingsModel
from .quantity import Amount

KEDA_API = "keda.sh"
Percent = Annotated[int, Field(ge=10, le=100)]
StabilizationSeconds = Annotated[int, Field(ge=0, le=3600)]  # the API's bounds


class PodMetric(SettingsModel):
    """A metric that each pod reports, from the API custom.metrics.k8s.io."""

    name: MetricName = Field(description="Name of the metric, such as http_requests_per_second.")
    average_value: Amount = Field(
        description="Target for the average of the metric over the pods, as a quantity such as 100 or 500m."
    )


class ExternalMetric(SettingsModel):
    """A metric of something outside the cluster, from the API external.metrics.k8s.io."""

    name: MetricName = Field(description="Name of the metric, such as queue_messages_ready.")
    average_value: Amount = Field(
        description="Target for the metric divided by the number of pods, as a quantity such as 30."
    )
    labels: dict[LabelKey, LabelValue] = Field(
        default_factory=dict,
        description="Labels that select the series of the metric. If omitted, all series count.",
    )


class Autoscaling(SettingsModel):
    """The HorizontalPodAutoscaler, which scales the Deployment between `replicas` and `maxReplicas`.

    If several metrics are set, the HPA uses the highest replica count that one of them requires.
    """

    enabled: bool = Field(
        True, description="Whether to create a HorizontalPodAutoscaler. If false, `replicas` pods run at all times."
    )
    owner: Literal["hpa", "keda", "other"] = Field(
        "hpa",
        description="Who sets the replica count. `hpa`: a HorizontalPodAutoscaler of the stack. `keda`: a ScaledObject "
        "of the stack, from which KEDA creates the HorizontalPodAutoscaler. `other`: a controller of yours, which must "
        "stay between `replicas` and `maxReplicas`; the stack creates none and never sets the count back.",
    )
    triggers: list[dict[str, Any]] = Field(
        default_factory=list,
        max_length=20,
        description="KEDA's triggers, in its own words, such as {type: prometheus, metadata: {...}}. `cpuPercent` and "
        "`memoryPercent` are triggers too. Requires `owner: keda`.",
    )
    max_replicas: int = Field(
        10, ge=1, le=1000, description="Upper limit of the replica count. Must be above `replicas`."
    )
    cpu_percent: Percent | None = Field(
        60,
        description="Target for the average CPU usage of the pods, in percent of their CPU request. `survive` limits "
        "it: after the loss of one of three zones, the load on the remaining pods is 1.5 times as high. Set it to "
        "null to not scale by CPU.",
    )
    memory_percent: Percent | None = Field(
        None,
        description="Target for the average memory usage of the pods, in percent of their memory request. It does not "
        "help a single pod whose memory grows. If omitted, the HPA does not scale by memory.",
    )
    pod_metrics: list[PodMetric] = Field(
        default_factory=list, max_length=10, description="Metrics that the pods report. They need a custom metrics API."
    )
    external_metrics: list[ExternalMetric] = Field(
        default_factory=list,
        max_length=10,
        description="Metrics of something outside the cluster, such as a queue. They need an external metrics API.",
    )
    scale_up_stabilization_seconds: StabilizationSeconds = Field(
        0,
        description="Stabilization window for scaling up, in seconds: the HPA adds pods only if all recommendations of "
        "the window exceed the current replica count. 0 scales up at once.",
    )
    scale_down_stabilization_seconds: StabilizationSeconds = Field(
        300,
        description="Stabilization window for scaling down, in seconds: the HPA removes pods only if all "
        "recommendations of the window are below the current replica count. 300 is the default of Kubernetes.",
    )
    tolerance_percent: Annotated[int, Field(ge=0, le=50)] | None = Field(
        None,
        description="Deviation of a metric from its target, in percent, that the HPA ignores. Requires Kubernetes "
        "1.35. If omitted, the cluster's own tolerance applies, which is 10 by default.",
    )

    @property
    def replicas_owner(self) -> Literal["settings", "hpa", "keda", "other"]:
        """Who owns the replica count: the settings unless autoscaling is enabled."""
        return self.owner if self.enabled else "settings"

    @property
    def by_metrics(self) -> bool:
        """Whether a HorizontalPodAutoscaler scales by these settings: the stack's own, or KEDA's."""
        return self.replicas_owner in ("hpa", "keda")
