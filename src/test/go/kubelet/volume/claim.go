package volume

import (
	"context"
	"crypto/sha256"
	"fmt"
	"path/filepath"
	"slices"

	core "k8s.io/api/core/v1"
	storage "k8s.io/api/storage/v1"
	problem "k8s.io/apimachinery/pkg/api/errors"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// A claim that a pod declares.
type claimOf struct {
	volume, claim string
	readOnly      bool
	ephemeral     bool
}

// Publishes the volume of a claim, once it is bound and, where its driver attaches, attached.
func (s *Set) claim(ctx context.Context, pod *core.Pod, wanted claimOf) (Source, error) {
	ctx, cancel := context.WithTimeout(ctx, requestLimit)
	defer cancel()
	claim, persistent, err := s.bound(ctx, pod, wanted)
	if err != nil {
		return Source{}, err
	}
	csi := persistent.Spec.CSI
	driver := s.host.Drivers[csi.Driver]
	if driver == nil {
		return Source{}, fmt.Errorf("driver name %s not found in the list of registered CSI drivers", csi.Driver)
	}
	block := persistent.Spec.VolumeMode != nil && *persistent.Spec.VolumeMode == core.PersistentVolumeBlock
	if asDevice := usedAsDevice(pod, wanted.volume); asDevice != block {
		return Source{}, fmt.Errorf("volume %s has volumeMode %v, but is specified in %s", wanted.volume,
			*persistent.Spec.VolumeMode, map[bool]string{true: "volumeDevices", false: "volumeMounts"}[asDevice])
	}
	alone := slices.Contains(claim.Spec.AccessModes, core.ReadWriteOncePod)
	name := "kubernetes.io/csi/" + csi.Driver + "^" + csi.VolumeHandle
	if err := s.host.InUse.Add(ctx, name, pod.UID, alone); err != nil {
		return Source{}, err
	}
	use := publication{driver: driver, volume: persistent, pod: pod, block: block, readOnly: wanted.readOnly || csi.ReadOnly}
	use.target = filepath.Join(s.folder, wanted.volume)
	source := Source{Path: use.target, ReadOnly: use.readOnly, Block: block}
	unused := func(ctx context.Context) error { return s.host.InUse.Remove(ctx, name, pod.UID) }
	// It counts as used from the first attempt on, so that it is not detached under us; TearDown ends attempts too.
	attempt := "attempt to use " + wanted.volume
	s.ready[attempt] = Source{release: unused}
	if use.context, use.about, err = s.attached(ctx, persistent); err != nil {
		return Source{}, err
	}
	source.release = func(ctx context.Context) error {
		if err := s.host.unpublish(ctx, use); err != nil {
			return err
		}
		return unused(ctx)
	}
	s.ready[attempt] = source
	if err := s.host.publish(ctx, use); err != nil {
		return Source{}, err
	}
	delete(s.ready, attempt)
	return source, nil
}

func (s *Set) bound(ctx context.Context, pod *core.Pod, wanted claimOf) (*core.PersistentVolumeClaim, *core.PersistentVolume, error) {
	claim, err := s.host.Kube.CoreV1().PersistentVolumeClaims(pod.Namespace).Get(ctx, wanted.claim, meta.GetOptions{})
	if problem.IsNotFound(err) && wanted.ephemeral {
		return nil, nil, Waiting{fmt.Sprintf("the ephemeral claim %s is not made yet", wanted.claim)}
	}
	if err != nil {
		return nil, nil, err
	}
	if wanted.ephemeral && !meta.IsControlledBy(claim, pod) {
		return nil, nil, fmt.Errorf("PVC %s/%s was not created for pod %s (pod is not owner)", pod.Namespace, wanted.claim, pod.Name)
	}
	if claim.DeletionTimestamp != nil {
		return nil, nil, fmt.Errorf("can't start pod because PVC %s/%s is being deleted", pod.Namespace, wanted.claim)
	}
	if claim.Status.Phase != core.ClaimBound || claim.Spec.VolumeName == "" {
		return nil, nil, Waiting{fmt.Sprintf("PVC %s/%s is not bound", pod.Namespace, wanted.claim)}
	}
	volume, err := s.host.Kube.CoreV1().PersistentVolumes().Get(ctx, claim.Spec.VolumeName, meta.GetOptions{})
	if err != nil {
		return nil, nil, err
	}
	if volume.Spec.ClaimRef == nil || volume.Spec.ClaimRef.UID != claim.UID {
		return nil, nil, fmt.Errorf("PV %s is bound to another claim than %s/%s", volume.Name, pod.Namespace, wanted.claim)
	}
	if volume.Spec.CSI == nil {
		return nil, nil, fmt.Errorf("PV %s is not of a CSI driver, and this kubelet has no others", volume.Name)
	}
	return claim, volume, nil
}

func usedAsDevice(pod *core.Pod, volume string) bool {
	for _, container := range append(append([]core.Container{}, pod.Spec.InitContainers...), pod.Spec.Containers...) {
		if slices.ContainsFunc(container.VolumeDevices, func(d core.VolumeDevice) bool { return d.Name == volume }) {
			return true
		}
	}
	return false
}

// What attaching has told about the volume, and what its driver wants.
func (s *Set) attached(ctx context.Context, volume *core.PersistentVolume) (map[string]string, *storage.CSIDriver, error) {
	csi := volume.Spec.CSI
	about, err := s.host.Kube.StorageV1().CSIDrivers().Get(ctx, csi.Driver, meta.GetOptions{})
	if problem.IsNotFound(err) {
		about, err = &storage.CSIDriver{}, nil
	}
	if err != nil {
		return nil, nil, err
	}
	if required := about.Spec.AttachRequired; required != nil && !*required {
		return nil, about, nil
	}
	// The name that the attach-detach controller gives it.
	name := fmt.Sprintf("csi-%x", sha256.Sum256([]byte(csi.VolumeHandle+csi.Driver+s.host.Node)))
	attachment, err := s.host.Kube.StorageV1().VolumeAttachments().Get(ctx, name, meta.GetOptions{})
	switch {
	case problem.IsNotFound(err):
		return nil, nil, Waiting{fmt.Sprintf("there is no VolumeAttachment %s", name)}
	case err != nil:
		return nil, nil, err
	case attachment.DeletionTimestamp != nil:
		return nil, nil, Waiting{fmt.Sprintf("VolumeAttachment %s is being deleted", name)}
	case !attachment.Status.Attached && attachment.Status.AttachError != nil:
		return nil, nil, Waiting{fmt.Sprintf("VolumeAttachment %s: %s", name, attachment.Status.AttachError.Message)}
	case !attachment.Status.Attached:
		return nil, nil, Waiting{fmt.Sprintf("VolumeAttachment %s is not attached", name)}
	}
	return attachment.Status.AttachmentMetadata, about, nil
}
