package driver

import (
	"context"

	"github.com/container-storage-interface/spec/lib/go/csi"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// Whether a volume with these capabilities is a Block volume.
func volumeMode(capabilities []*csi.VolumeCapability) (block bool, err error) {
	if len(capabilities) == 0 {
		return false, status.Error(codes.InvalidArgument, "a volume has capabilities")
	}
	mounted := false
	for _, capability := range capabilities {
		if capability.GetAccessMode() == nil {
			return false, status.Error(codes.InvalidArgument, "a capability has an access mode")
		}
		switch capability.GetAccessType().(type) {
		case *csi.VolumeCapability_Block:
			block = true
		case *csi.VolumeCapability_Mount:
			mounted = true
		default:
			return false, status.Error(codes.InvalidArgument, "a capability is Block or Filesystem")
		}
	}
	if block && mounted {
		return false, status.Error(codes.InvalidArgument, "a volume is either Block or Filesystem")
	}
	return block, nil
}

func onlyRead(capability *csi.VolumeCapability) bool {
	switch capability.GetAccessMode().GetMode() {
	case csi.VolumeCapability_AccessMode_SINGLE_NODE_READER_ONLY, csi.VolumeCapability_AccessMode_MULTI_NODE_READER_ONLY:
		return true
	}
	return false
}

func (d *Driver) ValidateVolumeCapabilities(_ context.Context, in *csi.ValidateVolumeCapabilitiesRequest) (*csi.ValidateVolumeCapabilitiesResponse, error) {
	volume, err := d.volume(in.GetVolumeId())
	if err != nil {
		return nil, err
	}
	if len(in.GetVolumeCapabilities()) == 0 {
		return nil, status.Errorf(codes.InvalidArgument, "volume %s: no capabilities to validate", volume.ID)
	}
	block, err := volumeMode(in.GetVolumeCapabilities())
	if err != nil {
		return &csi.ValidateVolumeCapabilitiesResponse{Message: status.Convert(err).Message()}, nil
	}
	if block != volume.Block {
		return &csi.ValidateVolumeCapabilitiesResponse{Message: "the volume has the other mode"}, nil
	}
	return &csi.ValidateVolumeCapabilitiesResponse{Confirmed: &csi.ValidateVolumeCapabilitiesResponse_Confirmed{
		VolumeContext: in.GetVolumeContext(), VolumeCapabilities: in.GetVolumeCapabilities(), Parameters: in.GetParameters(),
	}}, nil
}
