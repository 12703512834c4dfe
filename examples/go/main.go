// A backend on an embedded cluster.
package main

import (
	"example.com/pulumi-ha-backend/sdk/go/habackend"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

func main() {
	pulumi.Run(func(ctx *pulumi.Context) error {
		cluster, err := habackend.NewCluster(ctx, "cluster", &habackend.ClusterArgs{Kind: habackend.ClusterKindLocal})
		if err != nil {
			return err
		}
		zone := habackend.BackendSurviveZone
		web, err := habackend.NewHighlyAvailableBackend(ctx, "web", &habackend.HighlyAvailableBackendArgs{
			Cluster:      cluster,
			Image:        "ghcr.io/stefanprodan/podinfo:6.9.1",
			Survive:      &zone,
			Autoscaling:  &habackend.AutoscalingArgs{Enabled: pulumi.BoolRef(false)},
			LoadBalancer: &habackend.LoadBalancerArgs{HealthCheckSeconds: pulumi.IntRef(5)}, // the embedded cluster's own
			Shutdown:     &habackend.ShutdownArgs{DeregistrationSeconds: pulumi.IntRef(8), DrainSeconds: pulumi.IntRef(1)},
			Environment:  map[string]string{"PODINFO_UI_MESSAGE": "from Go"},
		})
		if err != nil {
			return err
		}
		ctx.Export("endpoint", web.Endpoint)
		ctx.Export("verified", web.Verified)
		return nil
	})
}
