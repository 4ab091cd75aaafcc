package sidecar

import (
	"context"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

var (
	volumeSnapshots        = schema.GroupVersionResource{Group: "snapshot.storage.k8s.io", Version: "v1", Resource: "volumesnapshots"}
	volumeSnapshotContents = volumeSnapshots.GroupVersion().WithResource("volumesnapshotcontents")
	volumeSnapshotClasses  = volumeSnapshots.GroupVersion().WithResource("volumesnapshotclasses")
)

const defaultClass = "snapshot.storage.kubernetes.io/is-default-class"

// A snapshot as the driver knows it.
type handle struct {
	id      string
	secrets map[string]string
}

// Whatever is missing on the way is UNAVAILABLE, as if it might come yet. A client that wants to know looks for itself.
func (s *Sidecar) find(ctx context.Context, namespace, name string) (handle, error) {
	snapshot, err := s.objects.Resource(volumeSnapshots).Namespace(namespace).Get(ctx, name, meta.GetOptions{})
	if err != nil {
		return handle{}, status.Errorf(codes.Unavailable, "VolumeSnapshot %s/%s: %v", namespace, name, err)
	}
	if _, has := snapshot.Object["status"]; !has {
		// The real sidecar crashes here, and with it all streams of its driver. Its client sees this of that.
		return handle{}, status.Error(codes.Unavailable, "error reading from server: EOF")
	}
	bound := text(snapshot, "status", "boundVolumeSnapshotContentName")
	if !ready(snapshot) || bound == "" {
		return handle{}, status.Errorf(codes.Unavailable, "VolumeSnapshot %s/%s is not ready to use", namespace, name)
	}
	content, err := s.objects.Resource(volumeSnapshotContents).Get(ctx, bound, meta.GetOptions{})
	if err != nil {
		return handle{}, status.Errorf(codes.Unavailable, "VolumeSnapshotContent %s: %v", bound, err)
	}
	found := handle{id: text(content, "status", "snapshotHandle")}
	if !ready(content) || found.id == "" {
		return handle{}, status.Errorf(codes.Unavailable, "VolumeSnapshotContent %s is not ready to use", bound)
	}
	// Of another driver's snapshot too, it was first asked whether it is ready.
	if driver := text(content, "spec", "driver"); driver != s.config.Driver {
		return handle{}, status.Errorf(codes.InvalidArgument, "VolumeSnapshot %s/%s is of driver %s, not of %s", namespace, name, driver, s.config.Driver)
	}
	found.secrets, err = s.secrets(ctx, snapshot, bound)
	return found, err
}

func (s *Sidecar) class(ctx context.Context, name string) (*unstructured.Unstructured, error) {
	if name != "" {
		class, err := s.objects.Resource(volumeSnapshotClasses).Get(ctx, name, meta.GetOptions{})
		if err != nil {
			return nil, status.Errorf(codes.Unavailable, "VolumeSnapshotClass %s: %v", name, err)
		}
		return class, nil
	}
	all, err := s.objects.Resource(volumeSnapshotClasses).List(ctx, meta.ListOptions{})
	if err != nil {
		return nil, status.Errorf(codes.Unavailable, "VolumeSnapshotClasses: %v", err)
	}
	defaults := []*unstructured.Unstructured{}
	for i, class := range all.Items {
		if text(&class, "driver") == s.config.Driver && class.GetAnnotations()[defaultClass] == "true" {
			defaults = append(defaults, &all.Items[i])
		}
	}
	if len(defaults) != 1 {
		return nil, status.Errorf(codes.Unavailable, "driver %s has %d default VolumeSnapshotClasses, not one", s.config.Driver, len(defaults))
	}
	return defaults[0], nil
}

func text(object *unstructured.Unstructured, path ...string) string {
	// The API server has checked the types.
	value, _, _ := unstructured.NestedString(object.Object, path...)
	return value
}

func ready(object *unstructured.Unstructured) bool {
	value, _, _ := unstructured.NestedBool(object.Object, "status", "readyToUse")
	return value
}
