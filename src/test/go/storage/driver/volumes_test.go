package driver

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/container-storage-interface/spec/lib/go/csi"
	"google.golang.org/grpc/codes"

	"varve/storage/control"
)

func (r *running) sameBytes(image, other string) {
	r.Helper()
	a, err := os.ReadFile(image)
	r.must(err)
	b, err := os.ReadFile(other)
	r.must(err)
	if !bytes.Equal(a, b) {
		r.Fatalf("%s (%d bytes) and %s (%d bytes) differ", image, len(a), other, len(b))
	}
}

func TestAVolumeFromASnapshotOrAVolumeHasItsBytes(t *testing.T) {
	r := start(t, Config{Data: t.TempDir()})
	volume, s1, _ := r.seen()
	restored := r.volume("restored", 64*mib, true, fromSnapshot(s1))
	r.sameBytes(r.snapshots.image(s1), r.volumes.image(restored))
	clone := r.volume("clone", 64*mib, true, &csi.VolumeContentSource{Type: &csi.VolumeContentSource_Volume{
		Volume: &csi.VolumeContentSource_VolumeSource{VolumeId: volume},
	}})
	r.sameBytes(r.volumes.image(volume), r.volumes.image(clone))
}

func TestImagesAreSparse(t *testing.T) {
	r := start(t, Config{Data: t.TempDir()})
	volume := r.volume("large", 10<<30, true, nil)
	r.write(volume, 1, 5<<30, blockBytes)
	r.expect("VARIABLE_LENGTH 10737418240 (5368709120,4096)")(r.allocated(t.Context(), r.take("s", volume), 0, 0))
}

func TestARestartKeepsEverything(t *testing.T) {
	r := start(t, Config{Data: t.TempDir()})
	volume, s1, s2 := r.seen()
	// What one that was killed in the middle of a copy leaves.
	r.must(os.WriteFile(r.volumes.image("half"), nil, 0o600))
	r = r.restart()
	r.expect("VARIABLE_LENGTH 67108864 (409600,8192)")(r.delta(s1, s2, 0))
	if again := r.volume("seen", 64*mib, true, nil); again != volume {
		t.Fatalf("the call that made %s made %s", volume, again)
	}
	if again := r.take("s1", volume); again != s1 {
		t.Fatalf("the call that made %s made %s", s1, again)
	}
	if _, err := os.Stat(r.volumes.image("half")); !os.IsNotExist(err) {
		t.Fatalf("the image without a record is still there: %v", err)
	}
}

func TestDeletionRemovesTheFiles(t *testing.T) {
	r := start(t, Config{Data: t.TempDir()})
	volume, s1, s2 := r.seen()
	for range 2 {
		_, err := r.controller.DeleteVolume(t.Context(), &csi.DeleteVolumeRequest{VolumeId: volume})
		r.must(err)
		for _, id := range []string{s1, s2} {
			_, err := r.controller.DeleteSnapshot(t.Context(), &csi.DeleteSnapshotRequest{SnapshotId: id})
			r.must(err)
		}
	}
	left, err := filepath.Glob(filepath.Join(r.config.Data, "*", "*"))
	r.must(err)
	if len(left) > 0 {
		t.Fatalf("left: %v", left)
	}
}

func TestTheDemonstrationDriversSizesAreKept(t *testing.T) {
	r := start(t, Config{Data: t.TempDir()})
	volume := r.volume("odd", 8*mib+blockBytes, true, nil)
	r.hasBytes(volume, 8*mib)
	r.write(volume, 1, 0, 1)
	snapshot := r.take("s", volume)
	r.expect("VARIABLE_LENGTH 8392704 (0,4096)")(r.allocated(t.Context(), snapshot, 0, 0))
	r.hasBytes(r.volume("larger", 16*mib, true, fromSnapshot(snapshot)), 8*mib)
	r.expand(volume, 32*mib)
	r.hasBytes(volume, 8*mib)
}

func TestACapableDriversVolumesGrow(t *testing.T) {
	r := start(t, Config{Data: t.TempDir(), Capable: true})
	volume := r.volume("odd", 8*mib+blockBytes, true, nil)
	r.hasBytes(volume, 8*mib+blockBytes)
	snapshot := r.take("s", volume)
	r.hasBytes(r.volume("larger", 16*mib, true, fromSnapshot(snapshot)), 16*mib)
	r.expand(volume, 32*mib)
	r.hasBytes(volume, 32*mib)
}

func (r *running) expand(volume string, bytes int64) {
	r.Helper()
	answer, err := r.controller.ControllerExpandVolume(r.Context(), &csi.ControllerExpandVolumeRequest{
		VolumeId: volume, CapacityRange: &csi.CapacityRange{RequiredBytes: bytes},
	})
	r.must(err)
	if answer.GetCapacityBytes() != bytes {
		r.Fatalf("expanded to %d bytes, not %d", answer.GetCapacityBytes(), bytes)
	}
}

func (r *running) hasBytes(volume string, bytes int64) {
	r.Helper()
	info, err := os.Stat(r.volumes.image(volume))
	r.must(err)
	if info.Size() != bytes {
		r.Fatalf("volume %s has %d bytes, not %d", volume, info.Size(), bytes)
	}
}

func TestASnapshotIsReadyWhenTheTestSaysSo(t *testing.T) {
	r := start(t, Config{Data: t.TempDir()})
	volume := r.volume("v", mib, true, nil)
	r.set(Behaviour{
		SnapshotReadyAfter: "never",
		Faults:             map[string]control.Fault{"CreateSnapshot": {Code: "RESOURCE_EXHAUSTED", Message: "no space", Times: 1}},
	})
	_, err := r.controller.CreateSnapshot(t.Context(), &csi.CreateSnapshotRequest{Name: "s", SourceVolumeId: volume})
	r.mustFail(err, codes.ResourceExhausted)
	snapshot := r.take("s", volume)
	if r.ready(snapshot) {
		t.Fatal("ready at once")
	}
	r.set(Behaviour{})
	if !r.ready(snapshot) {
		t.Fatal("never ready")
	}
}

func (r *running) ready(snapshot string) bool {
	r.Helper()
	answer, err := r.controller.ListSnapshots(r.Context(), &csi.ListSnapshotsRequest{SnapshotId: snapshot})
	r.must(err)
	return answer.GetEntries()[0].GetSnapshot().GetReadyToUse()
}
