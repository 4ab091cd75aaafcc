package driver

import (
	"context"
	"io"
	"os"

	"github.com/container-storage-interface/spec/lib/go/csi"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// Of ranges in a message, where the caller does not say.
const defaultRanges = 256

func (d *Driver) GetMetadataAllocated(in *csi.GetMetadataAllocatedRequest, out csi.SnapshotMetadata_GetMetadataAllocatedServer) error {
	target, err := d.tracked(in.GetSnapshotId())
	if err != nil {
		return err
	}
	return asInternal(d.report("", target, in.GetStartingOffset(), &pager{
		ctx: out.Context(), most: in.GetMaxResults(), fixed: d.behaviour.Get().FixedBlocks,
		send: func(ranges []*csi.BlockMetadata) error {
			return out.Send(&csi.GetMetadataAllocatedResponse{
				BlockMetadataType: d.behaviour.Get().blockType(), VolumeCapacityBytes: target.CapacityBytes, BlockMetadata: ranges,
			})
		},
	}))
}

func (d *Driver) GetMetadataDelta(in *csi.GetMetadataDeltaRequest, out csi.SnapshotMetadata_GetMetadataDeltaServer) error {
	base, err := d.tracked(in.GetBaseSnapshotId())
	if err != nil {
		return err
	}
	target, err := d.tracked(in.GetTargetSnapshotId())
	if err != nil {
		return err
	}
	if base.VolumeID != target.VolumeID {
		return status.Errorf(codes.InvalidArgument, "snapshots %s and %s are of different volumes", base.ID, target.ID)
	}
	// Which of the two is older does not matter: what differs, differs.
	return asInternal(d.report(base.ID, target, in.GetStartingOffset(), &pager{
		ctx: out.Context(), most: in.GetMaxResults(), fixed: d.behaviour.Get().FixedBlocks,
		send: func(ranges []*csi.BlockMetadata) error {
			return out.Send(&csi.GetMetadataDeltaResponse{
				BlockMetadataType: d.behaviour.Get().blockType(), VolumeCapacityBytes: target.CapacityBytes, BlockMetadata: ranges,
			})
		},
	}))
}

// The snapshot, if the driver knows its blocks.
func (d *Driver) tracked(id string) (Snapshot, error) {
	if d.behaviour.Get().NoSnapshotMetadata {
		return Snapshot{}, status.Error(codes.Unimplemented, "this driver knows no changed blocks")
	}
	snapshot, err := d.snapshot(id)
	if err != nil || d.config.Capable {
		return snapshot, err
	}
	volume, err := d.volume(snapshot.VolumeID)
	if err != nil {
		return snapshot, err
	}
	if !volume.Block {
		return snapshot, status.Errorf(codes.InvalidArgument, "snapshot %s: volume %s is no Block volume", id, volume.ID)
	}
	// The demonstration driver says how large the volume is now, not what it was.
	snapshot.CapacityBytes = volume.CapacityBytes
	return snapshot, nil
}

// Reports the blocks of the target that differ from the base's or, without one, from zeros.
func (d *Driver) report(baseID string, target Snapshot, from int64, pages *pager) error {
	image, err := os.Open(d.snapshots.image(target.ID))
	if err != nil {
		return err
	}
	defer image.Close()
	// Files have a longest offset, too.
	if _, err := image.Seek(from, io.SeekStart); err != nil || d.config.Capable && from >= target.CapacityBytes {
		return status.Errorf(codes.OutOfRange, "offset %d: snapshot %s has %d bytes", from, target.ID, target.CapacityBytes)
	}
	if pages.most < 0 {
		if d.config.Capable {
			return status.Errorf(codes.InvalidArgument, "max_results is negative: %d", pages.most)
		}
		// The demonstration driver hangs, and then says that all is well.
		<-pages.ctx.Done()
		return nil
	}
	if pages.most == 0 {
		pages.most = defaultRanges
	}
	shift := from % blockBytes
	if d.config.Capable {
		from, shift = from-shift, 0
	}
	var base *os.File
	if baseID != "" {
		file, err := os.Open(d.snapshots.image(baseID))
		if err != nil {
			return err
		}
		defer file.Close()
		base = file
	}
	// The demonstration driver compares on a grid that starts at the offset, and reports the same block of that from zero.
	if err := differences(base, image, from, func(offset int64) error { return pages.add(offset - shift) }); err != nil {
		return err
	}
	return pages.flush()
}

// A pager makes ranges of blocks and messages of ranges.
type pager struct {
	ctx context.Context
	// most ranges of a message.
	most  int32
	fixed bool
	send  func([]*csi.BlockMetadata) error

	ranges []*csi.BlockMetadata
}

// add takes the next block. A message that is full is sent, even if its last range could grow.
func (p *pager) add(offset int64) error {
	if err := p.ctx.Err(); err != nil {
		return status.FromContextError(err).Err()
	}
	if last := len(p.ranges) - 1; last >= 0 && !p.fixed {
		if r := p.ranges[last]; r.ByteOffset+r.SizeBytes == offset {
			r.SizeBytes += blockBytes
			return nil
		}
	}
	p.ranges = append(p.ranges, &csi.BlockMetadata{ByteOffset: offset, SizeBytes: blockBytes})
	if len(p.ranges) < int(p.most) {
		return nil
	}
	return p.flush()
}

// flush sends what is left. Of nothing there is no message.
func (p *pager) flush() error {
	if len(p.ranges) == 0 {
		return nil
	}
	ranges := p.ranges
	p.ranges = nil
	return p.send(ranges)
}
