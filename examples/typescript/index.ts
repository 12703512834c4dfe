import { Cluster, HighlyAvailableBackend } from "@pulumi/ha-backend";

const cluster = new Cluster("cluster", { kind: "local" });

const web = new HighlyAvailableBackend("web", {
    cluster,
    image: "ghcr.io/stefanprodan/podinfo:6.9.1",
    survive: "zone",
    autoscaling: { enabled: false },
    loadBalancer: { healthCheckSeconds: 5 }, // the embedded cluster's own
    shutdown: { deregistrationSeconds: 8, drainSeconds: 1 },
    environment: { PODINFO_UI_MESSAGE: "from TypeScript" },
});

export const endpoint = web.endpoint;
export const verified = web.verified;
