package driver

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"os"

	"github.com/container-storage-interface/spec/lib/go/csi"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"k8s.io/apimachinery/pkg/util/uuid"

	"varve/storage/control"
)

const (
	mib         = 1 << 20
	sectorBytes = 512
	// Of a volume for which no size is asked.
	defaultBytes = 64 * mib
)

// Volume is the record of one.
type Volume struct {
	ID string `json:"id"`
	// Name is that of the call that made it: the same call again finds it.
	Name string `json:"name"`
	// CapacityBytes is the size that the driver says; the image's may differ (Config.Capable).
	CapacityBytes int64 `json:"capacityBytes"`
	// Block says that it has no filesystem of the driver's.
	Block          bool   `json:"block"`
	SourceVolume   string `json:"sourceVolume,omitempty"`
	SourceSnapshot string `json:"sourceSnapshot,omitempty"`
}

func (d *Driver) CreateVolume(_ context.Context, in *csi.CreateVolumeRequest) (*csi.CreateVolumeResponse, error) {
	if in.GetName() == "" {
		return nil, status.Error(codes.InvalidArgument, "a volume has a name")
	}
	block, err := volumeMode(in.GetVolumeCapabilities())
	if err != nil {
		return nil, err
	}
	end, err := d.begin("volume " + in.GetName())
	if err != nil {
		return nil, err
	}
	defer end()
	content := in.GetVolumeContentSource()
	wanted := Volume{
		Name:           in.GetName(),
		Block:          block,
		SourceVolume:   content.GetVolume().GetVolumeId(),
		SourceSnapshot: content.GetSnapshot().GetSnapshotId(),
	}
	for _, volume := range d.volumes.find(func(v Volume) bool { return v.Name == wanted.Name }) {
		size, limit := in.GetCapacityRange().GetRequiredBytes(), in.GetCapacityRange().GetLimitBytes()
		wanted.ID, wanted.CapacityBytes = volume.ID, volume.CapacityBytes
		if volume != wanted || volume.CapacityBytes < size || limit > 0 && volume.CapacityBytes > limit {
			return nil, status.Errorf(codes.AlreadyExists, "volume %s exists with another size, mode or source", wanted.Name)
		}
		return &csi.CreateVolumeResponse{Volume: volume.message(content)}, nil
	}
	source, sourceBytes, err := d.source(wanted)
	if err != nil {
		return nil, err
	}
	if wanted.CapacityBytes, err = capacity(in.GetCapacityRange(), sourceBytes); err != nil {
		return nil, err
	}
	wanted.ID = string(uuid.NewUUID())
	if err := d.fill(wanted, source); err != nil {
		return nil, errors.Join(err, d.volumes.remove(wanted.ID))
	}
	return &csi.CreateVolumeResponse{Volume: wanted.message(content)}, nil
}

func (v Volume) message(source *csi.VolumeContentSource) *csi.Volume {
	return &csi.Volume{VolumeId: v.ID, CapacityBytes: v.CapacityBytes, ContentSource: source}
}

// The image that the volume is to start with, or none, and the capacity that goes with it.
func (d *Driver) source(volume Volume) (string, int64, error) {
	switch {
	case volume.SourceSnapshot != "":
		snapshot, err := d.snapshot(volume.SourceSnapshot)
		return d.snapshots.image(snapshot.ID), snapshot.CapacityBytes, err
	case volume.SourceVolume != "":
		from, err := d.volume(volume.SourceVolume)
		return d.volumes.image(from.ID), from.CapacityBytes, err
	}
	return "", 0, nil
}

func (d *Driver) volume(id string) (Volume, error) {
	if id == "" {
		return Volume{}, status.Error(codes.InvalidArgument, "a volume has an id")
	}
	volume, known := d.volumes.get(id)
	if !known {
		return Volume{}, status.Errorf(codes.NotFound, "there is no volume %s", id)
	}
	return volume, nil
}

func capacity(wanted *csi.CapacityRange, least int64) (int64, error) {
	size, limit := wanted.GetRequiredBytes(), wanted.GetLimitBytes()
	if size == 0 && limit > 0 {
		size = limit
	} else if size == 0 {
		size = max(least, defaultBytes)
	}
	switch {
	case size < max(least, mib):
		return 0, status.Errorf(codes.OutOfRange, "a volume of %d bytes is smaller than its source, of %d bytes, or than 1 MiB", size, least)
	case limit > 0 && size > limit:
		return 0, status.Errorf(codes.OutOfRange, "a volume of %d bytes is larger than its limit, of %d bytes", size, limit)
	}
	return size, nil
}

// Makes the image, then the record.
func (d *Driver) fill(volume Volume, source string) error {
	image := d.volumes.image(volume.ID)
	if source == "" {
		if err := os.WriteFile(image, nil, 0o600); err != nil {
			return err
		}
	} else if err := d.copyAtOneTime(source, image); err != nil {
		return err
	}
	if err := d.lengthen(image, volume.CapacityBytes); err != nil {
		return err
	}
	return d.volumes.put(volume.ID, volume)
}

// Makes an image as long as its volume. That of the demonstration driver has whole mebibytes, and stays as long as it is
// when a volume is expanded, or made from a smaller one.
func (d *Driver) lengthen(image string, capacity int64) error {
	info, err := os.Stat(image)
	if err != nil {
		return err
	}
	if d.config.Capable {
		return os.Truncate(image, (capacity+sectorBytes-1)&^(sectorBytes-1))
	}
	if info.Size() > 0 {
		return nil
	}
	return os.Truncate(image, capacity&^(mib-1))
}

func (d *Driver) DeleteVolume(_ context.Context, in *csi.DeleteVolumeRequest) (*csi.DeleteVolumeResponse, error) {
	if in.GetVolumeId() == "" {
		return nil, status.Error(codes.InvalidArgument, "a volume has an id")
	}
	end, err := d.begin("volume " + in.GetVolumeId())
	if err != nil {
		return nil, err
	}
	defer end()
	if _, known := d.volumes.get(in.GetVolumeId()); !known {
		return &csi.DeleteVolumeResponse{}, nil
	}
	loops, err := loopsOf(d.volumes.image(in.GetVolumeId()))
	if err != nil {
		return nil, err
	}
	if len(loops) > 0 {
		return nil, status.Errorf(codes.FailedPrecondition, "volume %s is still published, as %v", in.GetVolumeId(), loops)
	}
	return &csi.DeleteVolumeResponse{}, d.volumes.remove(in.GetVolumeId())
}

func (d *Driver) ControllerExpandVolume(_ context.Context, in *csi.ControllerExpandVolumeRequest) (*csi.ControllerExpandVolumeResponse, error) {
	volume, err := d.volume(in.GetVolumeId())
	if err != nil {
		return nil, err
	}
	end, err := d.begin("volume " + volume.ID)
	if err != nil {
		return nil, err
	}
	defer end()
	if in.GetCapacityRange() == nil {
		return nil, status.Errorf(codes.InvalidArgument, "volume %s is to be expanded to no size", volume.ID)
	}
	size, err := capacity(in.GetCapacityRange(), 0)
	if err != nil {
		return nil, err
	}
	if size > volume.CapacityBytes {
		volume.CapacityBytes = size
		image := d.volumes.image(volume.ID)
		if err := d.lengthen(image, size); err != nil {
			return nil, err
		}
		if err := growLoops(image); err != nil {
			return nil, err
		}
		if err := d.volumes.put(volume.ID, volume); err != nil {
			return nil, err
		}
	}
	return &csi.ControllerExpandVolumeResponse{CapacityBytes: volume.CapacityBytes}, nil
}

// The same for tests: PUT /volumes/ID with {"capacityBytes": N}. Kubernetes would need another sidecar for it.
func (d *Driver) expandByHTTP(out http.ResponseWriter, in *http.Request) {
	var wanted struct {
		CapacityBytes int64 `json:"capacityBytes"`
	}
	if err := json.NewDecoder(in.Body).Decode(&wanted); err != nil {
		http.Error(out, err.Error(), http.StatusBadRequest)
		return
	}
	answer, err := d.ControllerExpandVolume(in.Context(), &csi.ControllerExpandVolumeRequest{
		VolumeId: in.PathValue("id"), CapacityRange: &csi.CapacityRange{RequiredBytes: wanted.CapacityBytes},
	})
	if err != nil {
		http.Error(out, err.Error(), http.StatusConflict)
		return
	}
	control.Write(out, answer)
}
