package driver

import (
	"net"
	"os"
	"path/filepath"
	"testing"

	"github.com/container-storage-interface/spec/lib/go/csi"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"
)

// A driver that runs, and the clients of its services.
type running struct {
	*testing.T
	*Driver
	server     *grpc.Server
	controller csi.ControllerClient
	node       csi.NodeClient
	metadata   csi.SnapshotMetadataClient
}

func start(t *testing.T, config Config) *running {
	t.Helper()
	config.Name = "test.csi.varve.io"
	d, err := Open(config)
	if err != nil {
		t.Fatal(err)
	}
	socket := filepath.Join(t.TempDir(), "csi.sock")
	listener, err := net.Listen("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	server := d.Server()
	go func() { _ = server.Serve(listener) }()
	connection, err := grpc.NewClient("unix://"+socket, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		connection.Close()
		server.Stop()
	})
	return &running{
		T: t, Driver: d, server: server,
		controller: csi.NewControllerClient(connection),
		node:       csi.NewNodeClient(connection),
		metadata:   csi.NewSnapshotMetadataClient(connection),
	}
}

// The driver on the same folder, after this one is gone.
func (r *running) restart() *running {
	r.server.Stop()
	return start(r.T, r.config)
}

func capability(block bool, mode csi.VolumeCapability_AccessMode_Mode) *csi.VolumeCapability {
	wanted := &csi.VolumeCapability{AccessMode: &csi.VolumeCapability_AccessMode{Mode: mode}}
	if block {
		wanted.AccessType = &csi.VolumeCapability_Block{Block: &csi.VolumeCapability_BlockVolume{}}
	} else {
		wanted.AccessType = &csi.VolumeCapability_Mount{Mount: &csi.VolumeCapability_MountVolume{FsType: "ext4"}}
	}
	return wanted
}

const (
	writer = csi.VolumeCapability_AccessMode_SINGLE_NODE_WRITER
	reader = csi.VolumeCapability_AccessMode_MULTI_NODE_READER_ONLY
)

func (r *running) volume(name string, bytes int64, block bool, source *csi.VolumeContentSource) string {
	r.Helper()
	answer, err := r.controller.CreateVolume(r.Context(), &csi.CreateVolumeRequest{
		Name: name, CapacityRange: &csi.CapacityRange{RequiredBytes: bytes}, VolumeContentSource: source,
		VolumeCapabilities: []*csi.VolumeCapability{capability(block, writer)},
	})
	r.must(err)
	return answer.GetVolume().GetVolumeId()
}

func fromSnapshot(id string) *csi.VolumeContentSource {
	return &csi.VolumeContentSource{Type: &csi.VolumeContentSource_Snapshot{
		Snapshot: &csi.VolumeContentSource_SnapshotSource{SnapshotId: id},
	}}
}

func (r *running) take(name, volume string) string {
	r.Helper()
	answer, err := r.controller.CreateSnapshot(r.Context(), &csi.CreateSnapshotRequest{Name: name, SourceVolumeId: volume})
	r.must(err)
	return answer.GetSnapshot().GetSnapshotId()
}

// Writes bytes that are not zero to the volume, and differ for each value.
func (r *running) write(volume string, value byte, offset, length int64) {
	r.Helper()
	content := make([]byte, length)
	for i := range content {
		content[i] = value
	}
	file, err := os.OpenFile(r.volumes.image(volume), os.O_RDWR, 0)
	r.must(err)
	defer file.Close()
	_, err = file.WriteAt(content, offset)
	r.must(err)
}

func (r *running) must(err error) {
	r.Helper()
	if err != nil {
		r.Fatal(err)
	}
}

func (r *running) mustFail(err error, code codes.Code) {
	r.Helper()
	if status.Code(err) != code {
		r.Fatalf("expected %s, got %v", code, err)
	}
}

func (r *running) set(behaviour Behaviour) {
	r.Helper()
	r.must(r.behaviour.Put(behaviour))
}

func needsRoot(t *testing.T) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("only root attaches loop devices")
	}
}
