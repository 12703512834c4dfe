"""Settings that had another name before the first release."""

from __future__ import annotations

RENAMED = {
    "checkSeconds": "healthCheckSeconds",
    "deadlineSeconds": "progressDeadlineSeconds",
    "metricsFrom": "allowMetricsFrom",
    "mostMachinesPerZone": "maxMachinesPerZone",
    "noticeSeconds": "endpointUpdateSeconds",
    "servedFrom": "allowFrom",
    "temporaryStorage": "tmpSizeLimit",
    "wasCluster": "adoptedFromCluster",
}
"""The new name of each renamed setting, by its old name. A name counts as old only where the new one is a valid key."""
