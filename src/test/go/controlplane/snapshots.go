package main

import (
	"context"
	"flag"
	"fmt"
	"os/signal"
	"sync"
	"syscall"
	"time"

	snapclient "github.com/kubernetes-csi/external-snapshotter/client/v8/clientset/versioned"
	snapscheme "github.com/kubernetes-csi/external-snapshotter/client/v8/clientset/versioned/scheme"
	snapinformers "github.com/kubernetes-csi/external-snapshotter/client/v8/informers/externalversions"
	common "github.com/kubernetes-csi/external-snapshotter/v8/pkg/common-controller"
	"github.com/kubernetes-csi/external-snapshotter/v8/pkg/metrics"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/client-go/util/workqueue"
	"k8s.io/klog/v2"
)

const (
	resync  = 15 * time.Minute
	workers = 4
)

// What both controllers of VolumeSnapshots are made of. They retry within seconds, not within minutes as in a cluster.
type snapshotParts struct {
	kube      *kubernetes.Clientset
	snapshots *snapclient.Clientset
	of        snapinformers.SharedInformerFactory
	core      informers.SharedInformerFactory
}

// Reads the flags that both have, and those that the caller defined before.
func connect(flags *flag.FlagSet, arguments []string) (*snapshotParts, error) {
	kubeconfig := flags.String("kubeconfig", "", "path of the kubeconfig file")
	klog.InitFlags(flags)
	if err := flags.Parse(arguments); err != nil {
		return nil, err
	}
	config, err := clientcmd.BuildConfigFromFlags("", *kubeconfig)
	if err != nil {
		return nil, fmt.Errorf("kubeconfig %s: %w", *kubeconfig, err)
	}
	config.QPS, config.Burst = 100, 200
	kube, err := kubernetes.NewForConfig(config)
	if err != nil {
		return nil, err
	}
	snapshots, err := snapclient.NewForConfig(config)
	if err != nil {
		return nil, err
	}
	// So that events can refer to snapshots.
	if err := snapscheme.AddToScheme(scheme.Scheme); err != nil {
		return nil, err
	}
	return &snapshotParts{
		kube:      kube,
		snapshots: snapshots,
		of:        snapinformers.NewSharedInformerFactory(snapshots, resync),
		core:      informers.NewSharedInformerFactory(kube, resync),
	}, nil
}

func limiter() workqueue.TypedRateLimiter[string] {
	return workqueue.NewTypedItemExponentialFailureRateLimiter[string](100*time.Millisecond, 5*time.Second)
}

// Runs a controller until the process is told to end.
func (p *snapshotParts) run(controller interface {
	Run(workers int, stop <-chan struct{}, running *sync.WaitGroup)
}) error {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	p.of.Start(ctx.Done())
	p.core.Start(ctx.Done())
	controller.Run(workers, ctx.Done(), nil)
	return nil
}

func runSnapshotController(arguments []string) error {
	parts, err := connect(flag.NewFlagSet("snapshot-controller", flag.ExitOnError), arguments)
	if err != nil {
		return err
	}
	const distributed, modeChangesAreRefused, groups = false, true, false
	kinds := parts.of.Snapshot().V1()
	return parts.run(common.NewCSISnapshotCommonController(
		parts.snapshots, parts.kube,
		kinds.VolumeSnapshots(), kinds.VolumeSnapshotContents(), kinds.VolumeSnapshotClasses(),
		nil, nil, nil,
		parts.core.Core().V1().PersistentVolumeClaims(), parts.core.Core().V1().PersistentVolumes(), nil,
		metrics.NewMetricsManager(), resync,
		limiter(), limiter(), limiter(), limiter(),
		distributed, modeChangesAreRefused, groups))
}
