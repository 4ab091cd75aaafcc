package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"time"

	"github.com/container-storage-interface/spec/lib/go/csi"
	"github.com/kubernetes-csi/csi-lib-utils/connection"
	csimetrics "github.com/kubernetes-csi/csi-lib-utils/metrics"
	"github.com/kubernetes-csi/csi-lib-utils/rpc"
	sidecar "github.com/kubernetes-csi/external-snapshotter/v8/pkg/sidecar-controller"
	"github.com/kubernetes-csi/external-snapshotter/v8/pkg/snapshotter"
)

// The sidecar that takes and deletes the snapshots of one CSI driver. Without groups of snapshots and leader election.
func runCsiSnapshotter(arguments []string) error {
	flags := flag.NewFlagSet("csi-snapshotter", flag.ExitOnError)
	socket := flags.String("csi-address", "", "path of the CSI driver's socket")
	timeout := flags.Duration("timeout", time.Minute, "of one call to the driver")
	metadata := flags.Bool("extra-create-metadata", false, "tell the driver the names of the VolumeSnapshot and its content")
	parts, err := connect(flags, arguments)
	if err != nil {
		return err
	}

	ctx := context.Background()
	driver, err := connection.Connect(ctx, *socket, csimetrics.NewCSIMetricsManager(""), connection.OnConnectionLoss(connection.ExitOnConnectionLoss()))
	if err != nil {
		return fmt.Errorf("CSI socket %s: %w", *socket, err)
	}
	if err := rpc.ProbeForever(ctx, driver, *timeout); err != nil {
		return fmt.Errorf("CSI socket %s: %w", *socket, err)
	}
	name, err := rpc.GetDriverName(ctx, driver)
	if err != nil {
		return fmt.Errorf("CSI socket %s: %w", *socket, err)
	}
	can, err := rpc.GetControllerCapabilities(ctx, driver)
	if err != nil {
		return fmt.Errorf("CSI driver %s: %w", name, err)
	}
	if !can[csi.ControllerServiceCapability_RPC_CREATE_DELETE_SNAPSHOT] {
		return errors.New("CSI driver " + name + " takes no snapshots: it lacks the capability CREATE_DELETE_SNAPSHOT")
	}

	// The names that the sidecar itself uses where nothing is set: snapshot-<UID of the VolumeSnapshot>.
	const prefix, groupPrefix, wholeUid, groups = "snapshot", "groupsnapshot", -1, false
	return parts.run(sidecar.NewCSISnapshotSideCarController(
		parts.snapshots, parts.kube, name,
		parts.of.Snapshot().V1().VolumeSnapshotContents(), parts.of.Snapshot().V1().VolumeSnapshotClasses(),
		snapshotter.NewSnapshotter(driver), nil,
		*timeout, resync, prefix, wholeUid, groupPrefix, wholeUid, *metadata,
		limiter(), groups, nil, nil, limiter()))
}
