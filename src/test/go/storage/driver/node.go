package driver

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/container-storage-interface/spec/lib/go/csi"
	"golang.org/x/sys/unix"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// NodePublishVolume attaches the volume's image to a loop device, and mounts that at the target: the device's node over a
// file, or the filesystem on it over a folder. All publications of a volume share one device, and so one page cache; those
// that only read have one of their own, through which nothing can be written.
func (d *Driver) NodePublishVolume(_ context.Context, in *csi.NodePublishVolumeRequest) (*csi.NodePublishVolumeResponse, error) {
	volume, err := d.volume(in.GetVolumeId())
	if err != nil {
		return nil, err
	}
	capability := in.GetVolumeCapability()
	if capability == nil || in.GetTargetPath() == "" {
		return nil, status.Errorf(codes.InvalidArgument, "volume %s: a publication has a capability and a target", volume.ID)
	}
	end, err := d.begin("volume " + volume.ID)
	if err != nil {
		return nil, err
	}
	defer end()
	image, target := d.volumes.image(volume.ID), real(in.GetTargetPath())
	if device, err := publishedAt(target); err != nil || device != "" {
		return &csi.NodePublishVolumeResponse{}, errors.Join(err, isOf(image, device))
	}
	block := capability.GetBlock() != nil
	readOnly := onlyRead(capability) || block && in.GetReadonly()
	device, err := attached(image, readOnly)
	if err != nil {
		return nil, err
	}
	if block {
		err = publishNode(device, target)
	} else {
		err = publishFilesystem(device, target, capability.GetMount(), readOnly, in.GetReadonly())
	}
	if err != nil {
		return nil, errors.Join(err, release(target, device))
	}
	return &csi.NodePublishVolumeResponse{}, nil
}

// The target as the kernel names it. Its parent may be absent yet.
func real(target string) string {
	parent, err := filepath.EvalSymlinks(filepath.Dir(target))
	if err != nil {
		return filepath.Clean(target)
	}
	return filepath.Join(parent, filepath.Base(target))
}

func isOf(image, device string) error {
	devices, err := loopsOf(image)
	if err == nil && device != "" && !slices.Contains(devices, device) {
		return fmt.Errorf("%s is published already, but is not of %s", device, image)
	}
	return err
}

// The image's device for reading alone, or that for both; attached if it is not yet.
func attached(image string, readOnly bool) (string, error) {
	devices, err := loopsOf(image)
	if err != nil {
		return "", err
	}
	for _, device := range devices {
		said, err := os.ReadFile(filepath.Join("/sys/block", filepath.Base(device), "ro"))
		if err == nil && readOnly == (strings.TrimSpace(string(said)) == "1") {
			return device, nil
		}
	}
	return attach(image, readOnly)
}

// NodeUnpublishVolume ends what is published at the target. Nothing there is no error.
func (d *Driver) NodeUnpublishVolume(_ context.Context, in *csi.NodeUnpublishVolumeRequest) (*csi.NodeUnpublishVolumeResponse, error) {
	if in.GetTargetPath() == "" {
		return nil, status.Error(codes.InvalidArgument, "a publication has a target")
	}
	if _, err := d.volume(in.GetVolumeId()); err != nil {
		return nil, err
	}
	end, err := d.begin("volume " + in.GetVolumeId())
	if err != nil {
		return nil, err
	}
	defer end()
	target := real(in.GetTargetPath())
	device, err := publishedAt(target)
	if err != nil {
		return nil, err
	}
	return &csi.NodeUnpublishVolumeResponse{}, release(target, device)
}

// Takes what is mounted away from the target, and then the target; and detaches the device if nothing else needs it. A
// process that has it open keeps it until then.
func release(target, device string) error {
	at, err := publishedAt(target)
	if err != nil {
		return err
	}
	if at != "" {
		if err := unix.Unmount(target, 0); err != nil {
			return fmt.Errorf("unmount %s: %w", target, err)
		}
	}
	if err := gone(os.Remove(target)); err != nil || device == "" {
		return err
	}
	used, err := published(device)
	if err != nil || used {
		return err
	}
	return detach(device)
}

// Tidies up after a driver that was killed: filesystems that it had frozen, devices that it had attached and not mounted.
func (d *Driver) recover() error {
	devices, err := d.devices()
	if err != nil || len(devices) == 0 {
		return err
	}
	all, err := mounts()
	if err != nil {
		return err
	}
	used := map[string]bool{}
	for _, mount := range all {
		used[mount.device] = true
		if mount.filesystem && slices.Contains(devices, mount.device) {
			thaw(mount.target)
		}
	}
	for _, device := range devices {
		if !used[device] {
			err = errors.Join(err, detach(device))
		}
	}
	return err
}

// Those that images of ours are attached to.
func (d *Driver) devices() ([]string, error) {
	return loops(func(image string) bool { return strings.HasPrefix(image, d.config.Data+"/") })
}
