package sidecar

import (
	"context"
	"io"
	"net"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/container-storage-interface/spec/lib/go/csi"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/emptypb"
	authentication "k8s.io/api/authentication/v1"
	authorization "k8s.io/api/authorization/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	objects "k8s.io/client-go/dynamic/fake"
	"k8s.io/client-go/kubernetes/fake"
	clients "k8s.io/client-go/testing"
)

// What the API server has and says. Java's ClusterStorageTest has a real one.
type cluster struct {
	objects []runtime.Object
	refused bool
	denied  bool
}

func object(apiVersion, kind, namespace, name string, fields map[string]any) *unstructured.Unstructured {
	o := &unstructured.Unstructured{Object: fields}
	o.SetAPIVersion(apiVersion)
	o.SetKind(kind)
	o.SetNamespace(namespace)
	o.SetName(name)
	return o
}

const snapshots = "snapshot.storage.k8s.io/v1"

func whole() cluster {
	return cluster{objects: []runtime.Object{
		object("cbt.storage.k8s.io/v1beta1", "SnapshotMetadataService", "", "driver", map[string]any{"spec": map[string]any{"audience": "audience"}}),
		object(snapshots, "VolumeSnapshot", "ns", "s", map[string]any{
			"spec":   map[string]any{"volumeSnapshotClassName": "class"},
			"status": map[string]any{"readyToUse": true, "boundVolumeSnapshotContentName": "content"},
		}),
		object(snapshots, "VolumeSnapshotContent", "", "content", map[string]any{
			"spec":   map[string]any{"driver": "driver"},
			"status": map[string]any{"readyToUse": true, "snapshotHandle": "handle"},
		}),
		object(snapshots, "VolumeSnapshotClass", "", "class", map[string]any{"driver": "driver"}),
	}}
}

// The cluster with one object changed or, if change is nil, without it.
func (c cluster) with(kind string, change func(map[string]any)) cluster {
	c.objects = slices.DeleteFunc(c.objects, func(o runtime.Object) bool {
		return change == nil && o.GetObjectKind().GroupVersionKind().Kind == kind
	})
	for _, o := range c.objects {
		if o.GetObjectKind().GroupVersionKind().Kind == kind {
			change(o.(*unstructured.Unstructured).Object)
		}
	}
	return c
}

// A driver whose answer is one range, and which notes what it is asked.
type driver struct {
	csi.UnimplementedIdentityServer
	csi.UnimplementedSnapshotMetadataServer
	asked *csi.GetMetadataDeltaRequest
	err   error
}

func (d *driver) Probe(context.Context, *csi.ProbeRequest) (*csi.ProbeResponse, error) {
	return &csi.ProbeResponse{}, nil
}

func (d *driver) GetMetadataDelta(in *csi.GetMetadataDeltaRequest, out csi.SnapshotMetadata_GetMetadataDeltaServer) error {
	d.asked = in
	if d.err != nil {
		return d.err
	}
	return out.Send(&csi.GetMetadataDeltaResponse{VolumeCapacityBytes: 7, BlockMetadata: []*csi.BlockMetadata{{ByteOffset: 1, SizeBytes: 2}}})
}

func (d *driver) GetMetadataAllocated(_ *csi.GetMetadataAllocatedRequest, out csi.SnapshotMetadata_GetMetadataAllocatedServer) error {
	<-out.Context().Done()
	return nil
}

// Calls the sidecar of a cluster and a driver. The answer is that of the external service, whose fields are the driver's.
func call(t *testing.T, c cluster, d *driver, method string, request []byte) (*csi.GetMetadataDeltaResponse, error) {
	t.Helper()
	kube := fake.NewClientset()
	kube.PrependReactor("create", "tokenreviews", func(action clients.Action) (bool, runtime.Object, error) {
		review := action.(clients.CreateAction).GetObject().(*authentication.TokenReview)
		review.Status.Authenticated = !c.refused
		review.Status.Audiences = review.Spec.Audiences
		return true, review, nil
	})
	kube.PrependReactor("create", "subjectaccessreviews", func(action clients.Action) (bool, runtime.Object, error) {
		review := action.(clients.CreateAction).GetObject().(*authorization.SubjectAccessReview)
		review.Status.Allowed = !c.denied
		return true, review, nil
	})
	lists := map[schema.GroupVersionResource]string{volumeSnapshotClasses: "VolumeSnapshotClassList"}
	s, err := New(Config{Driver: "driver", MaxDuration: 2 * time.Second}, kube,
		objects.NewSimpleDynamicClientWithCustomListKinds(runtime.NewScheme(), lists, c.objects...), serve(t, func(server *grpc.Server) {
			csi.RegisterIdentityServer(server, d)
			csi.RegisterSnapshotMetadataServer(server, d)
		}))
	if err != nil {
		t.Fatal(err)
	}
	socket := filepath.Join(t.TempDir(), "sidecar.sock")
	listen(t, s.Server(), socket)
	connection, err := grpc.NewClient("unix://"+socket, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { connection.Close() })
	stream, err := connection.NewStream(t.Context(), &grpc.StreamDesc{ServerStreams: true}, "/snapshotmetadata.SnapshotMetadata/"+method)
	if err != nil {
		t.Fatal(err)
	}
	sent := &emptypb.Empty{}
	sent.ProtoReflect().SetUnknown(request)
	if err := stream.SendMsg(sent); err != nil {
		t.Fatal(err)
	}
	answer := &csi.GetMetadataDeltaResponse{}
	if err := stream.RecvMsg(answer); err != nil {
		return nil, err
	}
	if err := stream.RecvMsg(&csi.GetMetadataDeltaResponse{}); err != io.EOF {
		t.Errorf("after the one message came %v", err)
	}
	return answer, nil
}

func serve(t *testing.T, register func(*grpc.Server)) string {
	server := grpc.NewServer()
	register(server)
	socket := filepath.Join(t.TempDir(), "csi.sock")
	listen(t, server, socket)
	return socket
}

func listen(t *testing.T, server *grpc.Server, socket string) {
	t.Helper()
	listener, err := net.Listen("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(server.Stop)
}

var delta = message("token", "ns", "base", "s", 4096, 10)

func TestADeltaIsForwarded(t *testing.T) {
	d := &driver{}
	answer, err := call(t, whole(), d, "GetMetadataDelta", delta)
	if err != nil || answer.GetVolumeCapacityBytes() != 7 || answer.GetBlockMetadata()[0].GetSizeBytes() != 2 {
		t.Fatalf("%v, %v", answer, err)
	}
	if in := d.asked; in.GetBaseSnapshotId() != "base" || in.GetTargetSnapshotId() != "handle" || in.GetStartingOffset() != 4096 || in.GetMaxResults() != 10 {
		t.Fatalf("the driver was asked %v", in)
	}
}

func TestWhatIsMissingHasTheCodeOfTheRealSidecar(t *testing.T) {
	statusOf := func(key string, value any) func(map[string]any) {
		return func(o map[string]any) { o["status"].(map[string]any)[key] = value }
	}
	for name, c := range map[string]struct {
		cluster  cluster
		driver   driver
		request  []byte
		expected codes.Code
	}{
		"no token":              {whole(), driver{}, message("", "ns", "base", "s"), codes.InvalidArgument},
		"no service object":     {whole().with("SnapshotMetadataService", nil), driver{}, delta, codes.Internal},
		"a wrong token":         {cluster{whole().objects, true, true}, driver{}, delta, codes.Unauthenticated},
		"no rights":             {cluster{whole().objects, false, true}, driver{}, delta, codes.PermissionDenied},
		"no snapshot":           {whole().with("VolumeSnapshot", nil), driver{}, delta, codes.Unavailable},
		"no status":             {whole().with("VolumeSnapshot", func(o map[string]any) { delete(o, "status") }), driver{}, delta, codes.Unavailable},
		"a snapshot not ready":  {whole().with("VolumeSnapshot", statusOf("readyToUse", false)), driver{}, delta, codes.Unavailable},
		"no content":            {whole().with("VolumeSnapshotContent", nil), driver{}, delta, codes.Unavailable},
		"no handle":             {whole().with("VolumeSnapshotContent", statusOf("snapshotHandle", "")), driver{}, delta, codes.Unavailable},
		"another driver's":      {whole().with("VolumeSnapshotContent", func(o map[string]any) { o["spec"] = map[string]any{"driver": "other"} }), driver{}, delta, codes.InvalidArgument},
		"another's, unready":    {whole().with("VolumeSnapshotContent", func(o map[string]any) { o["spec"], o["status"] = map[string]any{"driver": "other"}, map[string]any{} }), driver{}, delta, codes.Unavailable},
		"no class":              {whole().with("VolumeSnapshotClass", nil), driver{}, delta, codes.Unavailable},
		"no default class":      {whole().with("VolumeSnapshot", func(o map[string]any) { delete(o, "spec") }), driver{}, delta, codes.Unavailable},
		"the driver's refusal":  {whole(), driver{err: status.Error(codes.FailedPrecondition, "not tracked")}, delta, codes.FailedPrecondition},
		"the driver's accident": {whole(), driver{err: io.ErrUnexpectedEOF}, delta, codes.Internal},
	} {
		if _, err := call(t, c.cluster, &c.driver, "GetMetadataDelta", c.request); status.Code(err) != c.expected {
			t.Errorf("%s: expected %s, got %v", name, c.expected, err)
		}
	}
}

func TestAStreamHasALimit(t *testing.T) {
	_, err := call(t, whole(), &driver{}, "GetMetadataAllocated", message("token", "ns", "s"))
	if status.Code(err) != codes.DeadlineExceeded {
		t.Fatal(err)
	}
}
