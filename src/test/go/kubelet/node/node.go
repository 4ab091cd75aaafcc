// Package node keeps a node of the cluster alive.
package node

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"time"

	"github.com/container-storage-interface/spec/lib/go/csi"
	coordination "k8s.io/api/coordination/v1"
	core "k8s.io/api/core/v1"
	storage "k8s.io/api/storage/v1"
	problem "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/resource"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/kubernetes"

	"varve/kubelet/volume"
)

const (
	leaseNamespace = core.NamespaceNodeLease
	leaseSeconds   = 40
	beat           = time.Second
	statusBeats    = 5
	// So that pods which ask for what they would have in a cluster fit on the node.
	nodeCPU    = "16"
	nodeMemory = "64Gi"
	nodeDisk   = "500Gi"
)

// Node is the one that this process is the kubelet of.
type Node struct {
	Kube   kubernetes.Interface
	Name   string
	Labels map[string]string
	// Taints keep pods of others away.
	Taints  []core.Taint
	Drivers map[string]*volume.Driver
	// Port is where the API server asks for logs.
	Port int
}

// Register makes the node known, and takes one over that bears its name.
func (n *Node) Register(ctx context.Context) error {
	labels := map[string]string{core.LabelHostname: n.Name, core.LabelOSStable: "linux", core.LabelArchStable: "amd64"}
	maps.Copy(labels, n.Labels)
	self := &core.Node{ObjectMeta: meta.ObjectMeta{
		Name: n.Name, Labels: labels,
		// The attach-detach controller attaches only to nodes that say so.
		Annotations: map[string]string{"volumes.kubernetes.io/controller-managed-attach-detach": "true"},
	}, Spec: core.NodeSpec{Taints: n.Taints}}
	if err := made(n.Kube.CoreV1().Nodes().Create(ctx, self, meta.CreateOptions{})); err != nil {
		return fmt.Errorf("make node %s: %w", n.Name, err)
	}
	// What an earlier kubelet of this name had in use is free: its containers died with it.
	if err := n.PatchStatus(ctx, []byte(`{"status":{"volumesInUse":null}}`)); err != nil {
		return err
	}
	return errors.Join(n.reportStatus(ctx), n.registerDrivers(ctx), n.renewLease(ctx))
}

func made(_ any, err error) error {
	if problem.IsAlreadyExists(err) {
		return nil
	}
	return err
}

// KeepAlive reports until the context ends. What fails is tried again with the next beat.
func (n *Node) KeepAlive(ctx context.Context) {
	beats := time.NewTicker(beat)
	defer beats.Stop()
	for i := 1; ; i++ {
		select {
		case <-ctx.Done():
			return
		case <-beats.C:
		}
		err := n.renewLease(ctx)
		if i%statusBeats == 0 {
			err = errors.Join(err, n.reportStatus(ctx))
		}
		if err != nil && ctx.Err() == nil {
			fmt.Fprintln(os.Stderr, "node:", err)
		}
	}
}

// PatchStatus merges into the status of the node.
func (n *Node) PatchStatus(ctx context.Context, status []byte) error {
	_, err := n.Kube.CoreV1().Nodes().Patch(ctx, n.Name, types.StrategicMergePatchType, status, meta.PatchOptions{}, "status")
	return err
}

func (n *Node) reportStatus(ctx context.Context) error {
	now := meta.Now()
	healthy := func(kind core.NodeConditionType, is core.ConditionStatus, reason, message string) core.NodeCondition {
		return core.NodeCondition{Type: kind, Status: is, Reason: reason, Message: message, LastHeartbeatTime: now}
	}
	resources := core.ResourceList{
		core.ResourceCPU: resource.MustParse(nodeCPU), core.ResourceMemory: resource.MustParse(nodeMemory),
		core.ResourceEphemeralStorage: resource.MustParse(nodeDisk), core.ResourcePods: resource.MustParse("110"),
	}
	status, err := json.Marshal(map[string]any{"status": map[string]any{
		"capacity": resources, "allocatable": resources,
		"conditions": []core.NodeCondition{
			healthy(core.NodeReady, core.ConditionTrue, "KubeletReady", "kubelet is posting ready status"),
			healthy(core.NodeMemoryPressure, core.ConditionFalse, "KubeletHasSufficientMemory", "kubelet has sufficient memory available"),
			healthy(core.NodeDiskPressure, core.ConditionFalse, "KubeletHasNoDiskPressure", "kubelet has no disk pressure"),
			healthy(core.NodePIDPressure, core.ConditionFalse, "KubeletHasSufficientPID", "kubelet has sufficient PID available"),
		},
		"addresses":       []core.NodeAddress{{Type: core.NodeInternalIP, Address: volume.IP}, {Type: core.NodeHostName, Address: n.Name}},
		"daemonEndpoints": core.NodeDaemonEndpoints{KubeletEndpoint: core.DaemonEndpoint{Port: int32(n.Port)}},
	}})
	if err != nil {
		return err
	}
	return n.PatchStatus(ctx, status)
}

func (n *Node) renewLease(ctx context.Context) error {
	leases := n.Kube.CoordinationV1().Leases(leaseNamespace)
	seconds, now := int32(leaseSeconds), meta.NowMicro()
	wanted := coordination.LeaseSpec{HolderIdentity: &n.Name, LeaseDurationSeconds: &seconds, RenewTime: &now}
	lease, err := leases.Get(ctx, n.Name, meta.GetOptions{})
	if problem.IsNotFound(err) {
		_, err = leases.Create(ctx, &coordination.Lease{ObjectMeta: meta.ObjectMeta{Name: n.Name}, Spec: wanted}, meta.CreateOptions{})
		return err
	}
	if err != nil {
		return err
	}
	lease.Spec = wanted
	_, err = leases.Update(ctx, lease, meta.UpdateOptions{})
	return err
}

// Says to scheduler and provisioner which drivers the node has, and where it is in their eyes.
func (n *Node) registerDrivers(ctx context.Context) error {
	about := &storage.CSINode{ObjectMeta: meta.ObjectMeta{Name: n.Name}}
	labels := map[string]string{}
	for name, driver := range n.Drivers {
		info, err := driver.NodeGetInfo(ctx, &csi.NodeGetInfoRequest{})
		if err != nil {
			return fmt.Errorf("CSI driver %s: %w", name, err)
		}
		has := storage.CSINodeDriver{Name: name, NodeID: info.GetNodeId()}
		for key, value := range info.GetAccessibleTopology().GetSegments() {
			has.TopologyKeys = append(has.TopologyKeys, key)
			labels[key] = value
		}
		if most := int32(info.GetMaxVolumesPerNode()); most > 0 {
			has.Allocatable = &storage.VolumeNodeResources{Count: &most}
		}
		about.Spec.Drivers = append(about.Spec.Drivers, has)
	}
	nodes := n.Kube.StorageV1().CSINodes()
	if err := nodes.Delete(ctx, n.Name, meta.DeleteOptions{}); err != nil && !problem.IsNotFound(err) {
		return err
	}
	if err := made(nodes.Create(ctx, about, meta.CreateOptions{})); err != nil {
		return err
	}
	change, err := json.Marshal(map[string]any{"metadata": map[string]any{"labels": labels}})
	if err != nil {
		return err
	}
	_, err = n.Kube.CoreV1().Nodes().Patch(ctx, n.Name, types.StrategicMergePatchType, change, meta.PatchOptions{})
	return err
}

// Leave takes the node out of the cluster, so that no pod is bound to it.
func (n *Node) Leave(ctx context.Context) error {
	failed := errors.Join(
		n.Kube.CoreV1().Nodes().Delete(ctx, n.Name, meta.DeleteOptions{}),
		n.Kube.StorageV1().CSINodes().Delete(ctx, n.Name, meta.DeleteOptions{}),
		n.Kube.CoordinationV1().Leases(leaseNamespace).Delete(ctx, n.Name, meta.DeleteOptions{}))
	if problem.IsNotFound(failed) {
		return nil
	}
	return failed
}
