// One program for tests that is, by its first argument, each part of a real Kubernetes control plane. Its parts share
// most of their code, so that one program takes a fifth of the space and of the time to link.
package main

import (
	"fmt"
	"os"
	_ "time/tzdata" // CronJobs name time zones, and the machine may know none.

	"go.etcd.io/etcd/server/v3/etcdmain"
	"k8s.io/component-base/cli"
	_ "k8s.io/component-base/metrics/prometheus/clientgo"
	_ "k8s.io/component-base/metrics/prometheus/version"
	apiserver "k8s.io/kubernetes/cmd/kube-apiserver/app"
	controllers "k8s.io/kubernetes/cmd/kube-controller-manager/app"
	scheduler "k8s.io/kubernetes/cmd/kube-scheduler/app"
)

const usage = "usage: controlplane etcd|kube-apiserver|kube-controller-manager|kube-scheduler|snapshot-controller|csi-snapshotter [flags]"

func main() {
	if len(os.Args) < 2 {
		fmt.Fprintln(os.Stderr, usage)
		os.Exit(2)
	}
	// Each part finds its own name where it expects that of the program.
	os.Args = os.Args[1:]
	switch part := os.Args[0]; part {
	case "etcd":
		etcdmain.Main(os.Args)
	case "kube-apiserver":
		os.Exit(cli.Run(apiserver.NewAPIServerCommand()))
	case "kube-controller-manager":
		os.Exit(cli.Run(controllers.NewControllerManagerCommand()))
	case "kube-scheduler":
		os.Exit(cli.Run(scheduler.NewSchedulerCommand()))
	case "snapshot-controller":
		exit(runSnapshotController(os.Args[1:]))
	case "csi-snapshotter":
		exit(runCsiSnapshotter(os.Args[1:]))
	default:
		fmt.Fprintf(os.Stderr, "controlplane has no part %q\n%s\n", part, usage)
		os.Exit(2)
	}
}

func exit(err error) {
	if err != nil {
		fmt.Fprintf(os.Stderr, "%s: %v\n", os.Args[0], err)
		os.Exit(1)
	}
}
