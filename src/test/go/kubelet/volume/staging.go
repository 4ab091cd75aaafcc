package volume

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/container-storage-interface/spec/lib/go/csi"
	"k8s.io/apimachinery/pkg/types"
)

// Where a volume is staged, for all pods of the node that use it.
func (h *Host) staging(use publication) string {
	return filepath.Join(h.Root, "staging", use.volume.Name)
}

func (h *Host) stage(ctx context.Context, use publication, in *csi.NodePublishVolumeRequest) (string, error) {
	use.driver.lock.Lock()
	defer use.driver.lock.Unlock()
	at := h.staging(use)
	if err := os.MkdirAll(at, 0o750); err != nil {
		return "", err
	}
	pods := use.driver.staged[in.VolumeId]
	if pods == nil {
		pods = map[types.UID]bool{}
		use.driver.staged[in.VolumeId] = pods
	}
	pods[use.pod.UID] = true
	_, err := use.driver.NodeStageVolume(ctx, &csi.NodeStageVolumeRequest{
		VolumeId: in.VolumeId, PublishContext: in.PublishContext, StagingTargetPath: at,
		VolumeCapability: in.VolumeCapability, VolumeContext: in.VolumeContext,
	})
	return at, err
}

// Unstages a volume after its last pod on this node.
func (h *Host) unstage(ctx context.Context, use publication) error {
	use.driver.lock.Lock()
	defer use.driver.lock.Unlock()
	handle, at := use.volume.Spec.CSI.VolumeHandle, h.staging(use)
	pods, staged := use.driver.staged[handle]
	if !staged {
		return nil
	}
	delete(pods, use.pod.UID)
	if len(pods) > 0 {
		return nil
	}
	if _, err := use.driver.NodeUnstageVolume(ctx, &csi.NodeUnstageVolumeRequest{VolumeId: handle, StagingTargetPath: at}); err != nil {
		return fmt.Errorf("unstage: %w", err)
	}
	delete(use.driver.staged, handle)
	if err := os.Remove(at); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}
