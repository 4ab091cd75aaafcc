package driver

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/container-storage-interface/spec/lib/go/csi"
	"google.golang.org/grpc/codes"
)

func (r *running) publish(volume, target string, wanted *csi.VolumeCapability, readOnly bool) {
	r.Helper()
	in := &csi.NodePublishVolumeRequest{VolumeId: volume, TargetPath: target, VolumeCapability: wanted, Readonly: readOnly}
	// Once more is no error.
	for range 2 {
		_, err := r.node.NodePublishVolume(r.Context(), in)
		r.must(err)
	}
	r.Cleanup(func() {
		if device, _ := publishedAt(target); device != "" {
			_ = release(target, device)
		}
	})
}

func (r *running) unpublish(volume, target string) {
	r.Helper()
	for range 2 {
		_, err := r.node.NodeUnpublishVolume(r.Context(), &csi.NodeUnpublishVolumeRequest{VolumeId: volume, TargetPath: target})
		r.must(err)
	}
	if _, err := os.Lstat(target); !os.IsNotExist(err) {
		r.Fatalf("%s is still there: %v", target, err)
	}
}

func (r *running) attachedTo(volume string, count int) {
	r.Helper()
	devices, err := loopsOf(r.volumes.image(volume))
	r.must(err)
	if len(devices) != count {
		r.Fatalf("volume %s is attached to %v", volume, devices)
	}
}

func TestABlockVolumeIsADeviceAtItsTarget(t *testing.T) {
	needsRoot(t)
	r := start(t, Config{Data: t.TempDir()})
	volume := r.volume("v", 8*mib, true, nil)
	r.write(volume, 7, mib, blockBytes)
	target := filepath.Join(t.TempDir(), "pods", "device")
	r.publish(volume, target, capability(true, writer), false)

	device, err := os.OpenFile(target, os.O_RDWR, 0)
	r.must(err)
	read := make([]byte, blockBytes)
	_, err = device.ReadAt(read, mib)
	r.must(err)
	if !bytes.Equal(read, bytes.Repeat([]byte{7}, blockBytes)) {
		t.Fatalf("read %x…", read[:8])
	}
	_, err = device.WriteAt([]byte("written"), 0)
	r.must(err)
	r.must(device.Sync())
	device.Close()
	r.expect("VARIABLE_LENGTH 8388608 (0,4096),(1048576,4096)")(r.allocated(t.Context(), r.take("s", volume), 0, 0))

	second := filepath.Join(t.TempDir(), "second")
	r.publish(volume, second, capability(true, writer), false)
	r.attachedTo(volume, 1)
	_, err = r.controller.DeleteVolume(t.Context(), &csi.DeleteVolumeRequest{VolumeId: volume})
	r.mustFail(err, codes.FailedPrecondition)
	r = r.restart()
	r.unpublish(volume, target)
	r.attachedTo(volume, 1)
	r.unpublish(volume, second)
	r.attachedTo(volume, 0)
}

func TestAVolumeForReadingCanNotBeWritten(t *testing.T) {
	needsRoot(t)
	r := start(t, Config{Data: t.TempDir()})
	volume := r.volume("v", 8*mib, true, nil)
	folder := t.TempDir()
	for name, mode := range map[string]csi.VolumeCapability_AccessMode_Mode{"by mode": reader, "by request": writer} {
		target := filepath.Join(folder, name)
		r.publish(volume, target, capability(true, mode), mode == writer)
		if device, err := os.OpenFile(target, os.O_RDWR, 0); err == nil {
			_, err = device.WriteAt([]byte("written"), 0)
			if err == nil {
				err = device.Sync()
			}
			device.Close()
			if err == nil {
				t.Fatalf("%s: written to", name)
			}
		}
		r.unpublish(volume, target)
	}
	r.attachedTo(volume, 0)
}

func TestAFilesystemIsMadeOnceAndIsInTheSnapshot(t *testing.T) {
	needsRoot(t)
	r := start(t, Config{Data: t.TempDir()})
	volume := r.volume("v", 32*mib, false, nil)
	target := filepath.Join(t.TempDir(), "mount")
	r.publish(volume, target, capability(false, writer), false)
	r.must(os.WriteFile(filepath.Join(target, "file"), []byte("content"), 0o600))
	// Neither unmounted nor synced: the snapshot freezes it.
	snapshot := r.take("s", volume)
	r.must(os.WriteFile(filepath.Join(target, "later"), nil, 0o600))

	restored := r.volume("restored", 32*mib, false, fromSnapshot(snapshot))
	for name, mode := range map[string]csi.VolumeCapability_AccessMode_Mode{"read only": reader, "writable": writer} {
		other := filepath.Join(t.TempDir(), name)
		r.publish(restored, other, capability(false, mode), false)
		content, err := os.ReadFile(filepath.Join(other, "file"))
		r.must(err)
		if string(content) != "content" {
			t.Fatalf("%s: read %q", name, content)
		}
		if _, err := os.Stat(filepath.Join(other, "later")); !os.IsNotExist(err) {
			t.Fatalf("%s: the snapshot has what was written after it: %v", name, err)
		}
		r.unpublish(restored, other)
	}

	second := filepath.Join(t.TempDir(), "second")
	r.publish(volume, second, capability(false, writer), true)
	if err := os.WriteFile(filepath.Join(second, "x"), nil, 0o600); err == nil {
		t.Fatal("written to a mount that is read-only")
	}
	r.must(os.WriteFile(filepath.Join(target, "x"), nil, 0o600))
	r.attachedTo(volume, 1)
	r.unpublish(volume, second)
	r.unpublish(volume, target)
	r.attachedTo(volume, 0)
}

func TestADeviceThatIsWrittenToAllTheTimeGivesNoTornSnapshot(t *testing.T) {
	needsRoot(t)
	r := start(t, Config{Data: t.TempDir()})
	volume := r.volume("v", 64*mib, true, nil)
	target := filepath.Join(t.TempDir(), "device")
	r.publish(volume, target, capability(true, writer), false)
	stop := r.keepWriting(target)
	defer stop()
	_, err := r.controller.CreateSnapshot(t.Context(), &csi.CreateSnapshotRequest{Name: "s", SourceVolumeId: volume})
	r.mustFail(err, codes.Aborted)
}

// Writes one block after the other to a device, at least one before it returns, until it is told to stop.
func (r *running) keepWriting(device string) (stop func()) {
	file, err := os.OpenFile(device, os.O_RDWR|os.O_SYNC, 0)
	r.must(err)
	ctx, end := context.WithCancel(r.Context())
	first, ended := make(chan bool), make(chan bool)
	go func() {
		defer close(ended)
		for i := int64(0); ctx.Err() == nil; i++ {
			_, err := file.WriteAt(make([]byte, blockBytes), i%1024*blockBytes)
			if i == 0 {
				close(first)
			}
			if err != nil {
				return
			}
		}
	}()
	<-first
	return func() {
		end()
		<-ended
		file.Close()
	}
}

func TestADriverThatWasKilledLeavesNoDevice(t *testing.T) {
	needsRoot(t)
	r := start(t, Config{Data: t.TempDir()})
	volume := r.volume("v", 8*mib, true, nil)
	_, err := attach(r.volumes.image(volume), false)
	r.must(err)
	r.attachedTo(volume, 1)
	r = r.restart()
	r.attachedTo(volume, 0)
}
