package driver

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/container-storage-interface/spec/lib/go/csi"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/timestamppb"
	"k8s.io/apimachinery/pkg/util/uuid"
)

// Snapshot is the record of one. It needs nothing of its volume, which may be gone.
type Snapshot struct {
	ID            string    `json:"id"`
	Name          string    `json:"name"`
	VolumeID      string    `json:"volumeId"`
	CapacityBytes int64     `json:"capacityBytes"`
	CreatedAt     time.Time `json:"createdAt"`
}

func (d *Driver) CreateSnapshot(_ context.Context, in *csi.CreateSnapshotRequest) (*csi.CreateSnapshotResponse, error) {
	if in.GetName() == "" || in.GetSourceVolumeId() == "" {
		return nil, status.Error(codes.InvalidArgument, "a snapshot has a name and a source volume")
	}
	end, err := d.begin("snapshot " + in.GetName())
	if err != nil {
		return nil, err
	}
	defer end()
	for _, snapshot := range d.snapshots.find(func(s Snapshot) bool { return s.Name == in.GetName() }) {
		if snapshot.VolumeID != in.GetSourceVolumeId() {
			return nil, status.Errorf(codes.AlreadyExists, "snapshot %s exists, of volume %s", snapshot.Name, snapshot.VolumeID)
		}
		return &csi.CreateSnapshotResponse{Snapshot: d.message(snapshot)}, nil
	}
	volume, err := d.volume(in.GetSourceVolumeId())
	if err != nil {
		return nil, err
	}
	snapshot := Snapshot{
		ID:            string(uuid.NewUUID()),
		Name:          in.GetName(),
		VolumeID:      volume.ID,
		CapacityBytes: volume.CapacityBytes,
		CreatedAt:     time.Now(),
	}
	if err := d.copyAtOneTime(d.volumes.image(volume.ID), d.snapshots.image(snapshot.ID)); err != nil {
		return nil, errors.Join(err, d.snapshots.remove(snapshot.ID))
	}
	if err := d.snapshots.put(snapshot.ID, snapshot); err != nil {
		return nil, err
	}
	return &csi.CreateSnapshotResponse{Snapshot: d.message(snapshot)}, nil
}

func (d *Driver) message(snapshot Snapshot) *csi.Snapshot {
	return &csi.Snapshot{
		SnapshotId:     snapshot.ID,
		SourceVolumeId: snapshot.VolumeID,
		SizeBytes:      snapshot.CapacityBytes,
		CreationTime:   timestamppb.New(snapshot.CreatedAt),
		ReadyToUse:     d.behaviour.Get().ready(snapshot, time.Now()),
	}
}

func (d *Driver) snapshot(id string) (Snapshot, error) {
	if id == "" {
		return Snapshot{}, status.Error(codes.InvalidArgument, "a snapshot has an id")
	}
	snapshot, known := d.snapshots.get(id)
	if !known {
		return Snapshot{}, status.Errorf(codes.NotFound, "there is no snapshot %s", id)
	}
	return snapshot, nil
}

func (d *Driver) DeleteSnapshot(_ context.Context, in *csi.DeleteSnapshotRequest) (*csi.DeleteSnapshotResponse, error) {
	if in.GetSnapshotId() == "" {
		return nil, status.Error(codes.InvalidArgument, "a snapshot has an id")
	}
	if _, known := d.snapshots.get(in.GetSnapshotId()); !known {
		return &csi.DeleteSnapshotResponse{}, nil
	}
	return &csi.DeleteSnapshotResponse{}, d.snapshots.remove(in.GetSnapshotId())
}

// ListSnapshots lists by id, in pages whose token is the last id of the page before.
func (d *Driver) ListSnapshots(_ context.Context, in *csi.ListSnapshotsRequest) (*csi.ListSnapshotsResponse, error) {
	if in.GetMaxEntries() < 0 {
		return nil, status.Error(codes.InvalidArgument, "max_entries is negative")
	}
	if token := in.GetStartingToken(); token != "" {
		if _, known := d.snapshots.get(token); !known {
			return nil, status.Errorf(codes.Aborted, "starting_token %s is of no list", token)
		}
	}
	found := d.snapshots.find(func(s Snapshot) bool {
		return (in.GetSnapshotId() == "" || in.GetSnapshotId() == s.ID) &&
			(in.GetSourceVolumeId() == "" || in.GetSourceVolumeId() == s.VolumeID) &&
			in.GetStartingToken() < s.ID
	})
	slices.SortFunc(found, func(a, b Snapshot) int { return strings.Compare(a.ID, b.ID) })
	answer := &csi.ListSnapshotsResponse{}
	if most := int(in.GetMaxEntries()); most > 0 && len(found) > most {
		found = found[:most]
		answer.NextToken = found[most-1].ID
	}
	for _, snapshot := range found {
		answer.Entries = append(answer.Entries, &csi.ListSnapshotsResponse_Entry{Snapshot: d.message(snapshot)})
	}
	return answer, nil
}
