package volume

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sync"

	"github.com/container-storage-interface/spec/lib/go/csi"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	core "k8s.io/api/core/v1"
	storage "k8s.io/api/storage/v1"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
)

// Driver is a CSI driver of this node.
type Driver struct {
	csi.NodeClient
	lock sync.Mutex
	// The pods that use a volume, by its handle. Staging and unstaging come one after another.
	staged map[string]map[types.UID]bool
}

// Connect does not wait for the driver to listen; calls do.
func Connect(socket string) (*Driver, error) {
	connection, err := grpc.NewClient("unix://"+socket, grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithDefaultCallOptions(grpc.WaitForReady(true)))
	if err != nil {
		return nil, fmt.Errorf("CSI driver at %s: %w", socket, err)
	}
	return &Driver{NodeClient: csi.NewNodeClient(connection), staged: map[string]map[types.UID]bool{}}, nil
}

// A volume that a pod uses.
type publication struct {
	driver          *Driver
	volume          *core.PersistentVolume
	pod             *core.Pod
	about           *storage.CSIDriver
	context         map[string]string
	block, readOnly bool
	target          string
}

func (h *Host) publish(ctx context.Context, use publication) error {
	can, err := use.driver.can(ctx)
	if err != nil {
		return err
	}
	source := use.volume.Spec.CSI
	in := &csi.NodePublishVolumeRequest{
		VolumeId: source.VolumeHandle, PublishContext: use.context, TargetPath: use.target, Readonly: use.readOnly,
		VolumeCapability: use.capability(can), VolumeContext: use.volumeContext(),
	}
	if ref := source.NodePublishSecretRef; ref != nil {
		secret, err := h.Kube.CoreV1().Secrets(ref.Namespace).Get(ctx, ref.Name, meta.GetOptions{})
		if err != nil {
			return fmt.Errorf("secret to publish with: %w", err)
		}
		in.Secrets = map[string]string{}
		for key, value := range secret.Data {
			in.Secrets[key] = string(value)
		}
	}
	if err := os.MkdirAll(filepath.Dir(use.target), 0o750); err != nil {
		return err
	}
	if slices.Contains(can, csi.NodeServiceCapability_RPC_STAGE_UNSTAGE_VOLUME) {
		if in.StagingTargetPath, err = h.stage(ctx, use, in); err != nil {
			return err
		}
	}
	if _, err = use.driver.NodePublishVolume(ctx, in); err != nil || use.block || use.readOnly || !use.groupIsOurs() {
		return err
	}
	return giveTo(fsGroup(use.pod), use.target)
}

func (d *Driver) can(ctx context.Context) ([]csi.NodeServiceCapability_RPC_Type, error) {
	answer, err := d.NodeGetCapabilities(ctx, &csi.NodeGetCapabilitiesRequest{})
	can := []csi.NodeServiceCapability_RPC_Type{}
	for _, capability := range answer.GetCapabilities() {
		can = append(can, capability.GetRpc().GetType())
	}
	return can, err
}

func (use publication) capability(can []csi.NodeServiceCapability_RPC_Type) *csi.VolumeCapability {
	wanted := &csi.VolumeCapability{AccessMode: &csi.VolumeCapability_AccessMode{Mode: csi.VolumeCapability_AccessMode_SINGLE_NODE_WRITER}}
	mode := &wanted.AccessMode.Mode
	severalWriters := slices.Contains(can, csi.NodeServiceCapability_RPC_SINGLE_NODE_MULTI_WRITER)
	switch first := use.volume.Spec.AccessModes[0]; {
	case first == core.ReadOnlyMany:
		*mode = csi.VolumeCapability_AccessMode_MULTI_NODE_READER_ONLY
	case first == core.ReadWriteMany:
		*mode = csi.VolumeCapability_AccessMode_MULTI_NODE_MULTI_WRITER
	case first == core.ReadWriteOncePod && severalWriters:
		*mode = csi.VolumeCapability_AccessMode_SINGLE_NODE_SINGLE_WRITER
	case severalWriters:
		*mode = csi.VolumeCapability_AccessMode_SINGLE_NODE_MULTI_WRITER
	}
	if use.block {
		wanted.AccessType = &csi.VolumeCapability_Block{Block: &csi.VolumeCapability_BlockVolume{}}
	} else {
		wanted.AccessType = &csi.VolumeCapability_Mount{Mount: &csi.VolumeCapability_MountVolume{
			FsType: use.volume.Spec.CSI.FSType, MountFlags: use.volume.Spec.MountOptions,
		}}
	}
	return wanted
}

func (use publication) volumeContext() map[string]string {
	about := map[string]string{}
	for key, value := range use.volume.Spec.CSI.VolumeAttributes {
		about[key] = value
	}
	if wanted := use.about.Spec.PodInfoOnMount; wanted != nil && *wanted {
		about["csi.storage.k8s.io/pod.name"] = use.pod.Name
		about["csi.storage.k8s.io/pod.namespace"] = use.pod.Namespace
		about["csi.storage.k8s.io/pod.uid"] = string(use.pod.UID)
		about["csi.storage.k8s.io/serviceAccount.name"] = use.pod.Spec.ServiceAccountName
		about["csi.storage.k8s.io/ephemeral"] = "false"
	}
	return about
}

// Whether the driver leaves it to the kubelet to give the files to the pod's group.
func (use publication) groupIsOurs() bool {
	policy := storage.ReadWriteOnceWithFSTypeFSGroupPolicy
	if use.about.Spec.FSGroupPolicy != nil {
		policy = *use.about.Spec.FSGroupPolicy
	}
	once := slices.Contains(use.volume.Spec.AccessModes, core.ReadWriteOnce) || slices.Contains(use.volume.Spec.AccessModes, core.ReadWriteOncePod)
	return policy == storage.FileFSGroupPolicy ||
		policy == storage.ReadWriteOnceWithFSTypeFSGroupPolicy && once && use.volume.Spec.CSI.FSType != ""
}

func (h *Host) unpublish(ctx context.Context, use publication) error {
	handle := use.volume.Spec.CSI.VolumeHandle
	_, err := use.driver.NodeUnpublishVolume(ctx, &csi.NodeUnpublishVolumeRequest{VolumeId: handle, TargetPath: use.target})
	if err != nil {
		return fmt.Errorf("unpublish: %w", err)
	}
	if err := os.Remove(use.target); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("after it was unpublished: %w", err)
	}
	return h.unstage(ctx, use)
}
