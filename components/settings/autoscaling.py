"""What a stack may say of the HorizontalPodAutoscaler."""

from typing import Annotated

from pydantic import Field

from .base import Group, LabelKey, LabelValue, MetricName
from .quantity import Amount

Percent = Annotated[int, Field(ge=10, le=100)]
StabilizationSeconds = Annotated[int, Field(ge=0, le=3600)]  # the API's own bounds


class PodMetric(Group):
    """A metric that each pod reports, served by custom.metrics.k8s.io."""

    name: MetricName = Field(description="Name of the metric, e.g. http_requests_per_second.")
    average_value: Amount = Field(description="What the autoscaler steers the average over the pods to, e.g. 100.")


class ExternalMetric(Group):
    """A metric of something outside the cluster, served by external.metrics.k8s.io."""

    name: MetricName = Field(description="Name of the metric, e.g. queue_messages_ready.")
    average_value: Amount = Field(
        description="What the autoscaler steers the metric, divided by the pods, to, e.g. 30."
    )
    labels: dict[LabelKey, LabelValue] = Field(
        default_factory=dict, description="Labels that choose among the metric's series."
    )


class Autoscaling(Group):
    """How far the HorizontalPodAutoscaler may go above `replicas`, and by what. The metric that asks for most pods wins."""

    enabled: bool = Field(True, description="Whether there is an autoscaler; without one, `replicas` pods run, always.")
    max_replicas: int = Field(10, ge=1, le=1000, description="Pods at the most.")
    cpu_percent: Percent | None = Field(
        60,
        description="Percentage of the CPU request, averaged over the pods, that the autoscaler steers to. What is to be "
        "survived bounds it: when one of three zones is lost, the load on the rest is 1.5 times as high. null: not by CPU.",
    )
    memory_percent: Percent | None = Field(
        None,
        description="The same for memory. It is the mean over the pods: a single pod that grows is not helped by it.",
    )
    pod_metrics: list[PodMetric] = Field(
        default_factory=list, max_length=10, description="Metrics that the pods report."
    )
    external_metrics: list[ExternalMetric] = Field(
        default_factory=list, max_length=10, description="Metrics of something outside the cluster, such as a queue."
    )
    scale_up_stabilization_seconds: StabilizationSeconds = Field(
        0, description="Seconds that more pods must be wanted before they are made."
    )
    scale_down_stabilization_seconds: StabilizationSeconds = Field(
        300, description="Seconds that fewer pods must be wanted before the first goes."
    )
    tolerance_percent: Annotated[int, Field(ge=0, le=50)] | None = Field(
        None,
        description="How far a metric may be off before anything happens, in percent of its target. Needs Kubernetes "
        "1.35. Left out: the cluster's own, which is 10.",
    )
