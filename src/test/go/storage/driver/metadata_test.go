package driver

import (
	"context"
	"fmt"
	"io"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/container-storage-interface/spec/lib/go/csi"
	"google.golang.org/grpc/codes"

	"varve/storage/control"
)

type answer interface {
	GetBlockMetadataType() csi.BlockMetadataType
	GetVolumeCapacityBytes() int64
	GetBlockMetadata() []*csi.BlockMetadata
}

// What a stream says: type, capacity, the ranges of each message.
func told[A answer](receive func() (A, error), err error) (string, error) {
	said := []string{}
	for err == nil {
		var message A
		if message, err = receive(); err != nil {
			break
		}
		ranges := []string{}
		for _, block := range message.GetBlockMetadata() {
			ranges = append(ranges, fmt.Sprintf("(%d,%d)", block.GetByteOffset(), block.GetSizeBytes()))
		}
		said = append(said, fmt.Sprintf("%s %d %s", message.GetBlockMetadataType(), message.GetVolumeCapacityBytes(), strings.Join(ranges, ",")))
	}
	if err == io.EOF {
		err = nil
	}
	return strings.Join(said, "; "), err
}

func (r *running) allocated(ctx context.Context, snapshot string, from int64, most int32) (string, error) {
	stream, err := r.metadata.GetMetadataAllocated(ctx, &csi.GetMetadataAllocatedRequest{SnapshotId: snapshot, StartingOffset: from, MaxResults: most})
	return told(stream.Recv, err)
}

func (r *running) delta(base, target string, from int64) (string, error) {
	stream, err := r.metadata.GetMetadataDelta(r.Context(), &csi.GetMetadataDeltaRequest{BaseSnapshotId: base, TargetSnapshotId: target, StartingOffset: from})
	return told(stream.Recv, err)
}

func (r *running) expect(expected string) func(string, error) {
	r.Helper()
	return func(said string, err error) {
		r.Helper()
		r.must(err)
		if said != expected {
			r.Fatalf("expected %q, got %q", expected, said)
		}
	}
}

// The volume and the two snapshots that the demonstration driver was seen with.
func (r *running) seen() (volume, s1, s2 string) {
	r.Helper()
	volume = r.volume("seen", 64*mib, true, nil)
	r.write(volume, 1, 8192, 3*blockBytes)
	r.write(volume, 2, 10*mib, mib)
	s1 = r.take("s1", volume)
	r.write(volume, 3, 409600, 2*blockBytes)
	return volume, s1, r.take("s2", volume)
}

func TestRangesAreThoseOfTheDemonstrationDriver(t *testing.T) {
	r := start(t, Config{Data: t.TempDir()})
	_, s1, s2 := r.seen()
	r.expect("VARIABLE_LENGTH 67108864 (8192,12288),(10485760,1048576)")(r.allocated(t.Context(), s1, 0, 0))
	r.expect("VARIABLE_LENGTH 67108864 (8192,12288),(409600,8192),(10485760,1048576)")(r.allocated(t.Context(), s2, 0, 0))
	r.expect("VARIABLE_LENGTH 67108864 (409600,8192)")(r.delta(s1, s2, 0))
	r.expect("VARIABLE_LENGTH 67108864 (409600,8192)")(r.delta(s2, s1, 0))
	r.expect("")(r.delta(s1, s1, 0))
	r.expect("VARIABLE_LENGTH 67108864 (413696,4096)")(r.delta(s1, s2, 413696))
	// Compared on a grid that starts at the offset, and told on that which starts at zero.
	r.expect("VARIABLE_LENGTH 67108864 (405504,12288)")(r.delta(s1, s2, 409000))
	r.expect("")(r.delta(s1, s2, 64*mib))
	r.expect("")(r.delta(s1, s2, 1<<40))
	// A message ends with the first block of its last range.
	r.expect("VARIABLE_LENGTH 67108864 (8192,12288),(409600,4096); VARIABLE_LENGTH 67108864 (413696,4096),(10485760,4096); VARIABLE_LENGTH 67108864 (10489856,1044480)")(
		r.allocated(t.Context(), s2, 0, 2))

	r.set(Behaviour{FixedBlocks: true})
	r.expect("FIXED_LENGTH 67108864 (409600,4096),(413696,4096)")(r.delta(s1, s2, 0))
}

func TestABlockThatBecameZeroHasChanged(t *testing.T) {
	r := start(t, Config{Data: t.TempDir()})
	volume := r.volume("v", mib, true, nil)
	r.write(volume, 1, 0, 2*blockBytes)
	before := r.take("before", volume)
	r.write(volume, 0, 0, blockBytes)
	after := r.take("after", volume)
	r.expect("VARIABLE_LENGTH 1048576 (0,4096)")(r.delta(before, after, 0))
	r.expect("VARIABLE_LENGTH 1048576 (4096,4096)")(r.allocated(t.Context(), after, 0, 0))
}

func TestTheDemonstrationDriversLimitsAreKept(t *testing.T) {
	r := start(t, Config{Data: t.TempDir()})
	volume, s1, s2 := r.seen()
	other := r.take("of another", r.volume("other", 64*mib, true, nil))
	_, err := r.delta(other, s2, 0)
	r.mustFail(err, codes.InvalidArgument)
	_, err = r.delta("gone", s2, 0)
	r.mustFail(err, codes.NotFound)
	_, err = r.delta(s1, "gone", 0)
	r.mustFail(err, codes.NotFound)
	for _, offset := range []int64{-1, math.MinInt64, math.MaxInt64} {
		_, err = r.delta(s1, s2, offset)
		r.mustFail(err, codes.OutOfRange)
	}

	short, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	_, err = r.allocated(short, s1, 0, -1)
	r.mustFail(err, codes.DeadlineExceeded)

	_, err = r.allocated(t.Context(), r.take("of files", r.volume("files", mib, false, nil)), 0, 0)
	r.mustFail(err, codes.InvalidArgument)

	_, err = r.controller.DeleteVolume(t.Context(), &csi.DeleteVolumeRequest{VolumeId: volume})
	r.must(err)
	_, err = r.delta(s1, s2, 0)
	r.mustFail(err, codes.NotFound)
}

func TestTheCapacityIsThatOfTheVolumeNow(t *testing.T) {
	r := start(t, Config{Data: t.TempDir()})
	volume, s1, s2 := r.seen()
	_, err := r.controller.ControllerExpandVolume(t.Context(), &csi.ControllerExpandVolumeRequest{
		VolumeId: volume, CapacityRange: &csi.CapacityRange{RequiredBytes: 80 * mib},
	})
	r.must(err)
	r.expect("VARIABLE_LENGTH 83886080 (8192,12288),(10485760,1048576)")(r.allocated(t.Context(), s1, 0, 0))
	r.expect("VARIABLE_LENGTH 83886080 (409600,8192)")(r.delta(s1, s2, 0))
	r.expect("")(r.delta(s2, r.take("s3", volume), 0))
}

func TestACapableDriverHasNoneOfThem(t *testing.T) {
	r := start(t, Config{Data: t.TempDir(), Capable: true})
	volume, s1, s2 := r.seen()
	_, err := r.controller.DeleteVolume(t.Context(), &csi.DeleteVolumeRequest{VolumeId: volume})
	r.must(err)
	r.expect("VARIABLE_LENGTH 67108864 (409600,8192)")(r.delta(s1, s2, 409601))
	_, err = r.delta(s1, s2, 64*mib)
	r.mustFail(err, codes.OutOfRange)
	_, err = r.allocated(t.Context(), s1, 0, math.MinInt32)
	r.mustFail(err, codes.InvalidArgument)

	files := r.volume("files", mib+blockBytes, false, nil)
	r.write(files, 1, mib, 1)
	r.expect("VARIABLE_LENGTH 1052672 (1048576,4096)")(r.allocated(t.Context(), r.take("of files", files), 0, 0))
}

func TestFaultsComeAndGo(t *testing.T) {
	r := start(t, Config{Data: t.TempDir()})
	_, s1, s2 := r.seen()
	r.set(Behaviour{Faults: map[string]control.Fault{
		"GetMetadataAllocated": {Code: "UNAVAILABLE", Message: "cut", AfterMessages: 1, Times: 1},
		"GetMetadataDelta":     {Code: "FAILED_PRECONDITION", Message: "not tracked"},
	}})
	said, err := r.allocated(t.Context(), s2, 0, 1)
	r.mustFail(err, codes.Unavailable)
	if said != "VARIABLE_LENGTH 67108864 (8192,4096)" {
		t.Fatalf("one message came before the cut, not %q", said)
	}
	_, err = r.delta(s1, s2, 0)
	r.mustFail(err, codes.FailedPrecondition)
	_, err = r.allocated(t.Context(), s2, 0, 1)
	r.must(err)

	r.set(Behaviour{NoSnapshotMetadata: true})
	_, err = r.delta(s1, s2, 0)
	r.mustFail(err, codes.Unimplemented)
	r.set(Behaviour{})
	_, err = r.delta(s1, s2, 0)
	r.must(err)
}
