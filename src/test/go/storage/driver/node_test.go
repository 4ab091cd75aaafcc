package driver

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/container-storage-interface/spec/lib/go/csi"
	"golang.org/x/sys/unix"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
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

const writtenBlocks = 256

// The writer puts a higher number into each block that it writes. So a snapshot that has one of them has all before it.
func TestADeviceThatIsWrittenToAllTheTimeGivesNoTornSnapshot(t *testing.T) {
	needsRoot(t)
	r := start(t, Config{Data: t.TempDir()})
	volume := r.volume("v", 64*mib, true, nil)
	target := filepath.Join(t.TempDir(), "device")
	r.publish(volume, target, capability(true, writer), false)
	defer r.keepWriting(target)()
	taken := 0
	for i := range 10 {
		answer, err := r.controller.CreateSnapshot(t.Context(), &csi.CreateSnapshotRequest{Name: fmt.Sprint(i), SourceVolumeId: volume})
		if status.Code(err) == codes.Aborted {
			continue
		}
		r.must(err)
		taken++
		r.isUntorn(r.snapshots.image(answer.GetSnapshot().GetSnapshotId()))
	}
	t.Logf("%d of 10 snapshots found a moment", taken)
}

func (r *running) isUntorn(image string) {
	r.Helper()
	content, err := os.ReadFile(image)
	r.must(err)
	numbers := make([]uint64, writtenBlocks)
	for i := range numbers {
		numbers[i] = binary.LittleEndian.Uint64(content[i*blockBytes:])
	}
	last := slices.Max(numbers)
	for i, number := range numbers {
		// The highest number up to the last that went into this block; 0 before the first round.
		expected := last - (last-uint64(i))%writtenBlocks
		if last < uint64(i) {
			expected = 0
		}
		if number != expected {
			r.Fatalf("block %d has number %d, not %d; the last is %d", i, number, expected, last)
		}
	}
}

// Writes numbers to the blocks of a device, past the page cache, until it is told to stop.
func (r *running) keepWriting(device string) (stop func()) {
	file, err := os.OpenFile(device, os.O_RDWR|unix.O_DIRECT, 0)
	r.must(err)
	page, err := unix.Mmap(-1, 0, blockBytes, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_PRIVATE|unix.MAP_ANON)
	r.must(err)
	ctx, end := context.WithCancel(r.Context())
	ended := make(chan error)
	go func() {
		var err error
		for i := uint64(0); err == nil && ctx.Err() == nil; i++ {
			binary.LittleEndian.PutUint64(page, i)
			_, err = file.WriteAt(page, int64(i%writtenBlocks*blockBytes))
		}
		ended <- err
	}()
	return func() {
		end()
		if err := <-ended; err != nil {
			r.Error(err)
		}
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
