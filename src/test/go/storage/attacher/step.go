package attacher

import (
	"context"
	"slices"
	"time"

	storage "k8s.io/api/storage/v1"
	"k8s.io/apimachinery/pkg/api/errors"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// Does for a VolumeAttachment what is to be done now, and says after what time to look again; 0 is not before it changes.
func (a *Attacher) step(ctx context.Context, attachment *storage.VolumeAttachment) (again time.Duration, err error) {
	behaviour := a.behaviour.Get()
	switch {
	case attachment.DeletionTimestamp != nil:
		if a.waited(attachment.UID, "detach") < time.Duration(behaviour.DetachDelay) {
			return look, nil
		}
		return 0, a.detached(ctx, attachment)
	case !slices.Contains(attachment.Finalizers, a.finalizer):
		// So that one that is deleted stays until its volume is detached. The answer is an event, and the next step.
		attachment.Finalizers = append(attachment.Finalizers, a.finalizer)
		_, err = a.kube.StorageV1().VolumeAttachments().Update(ctx, attachment, meta.UpdateOptions{})
		return 0, err
	case attachment.Status.Attached:
		return 0, nil
	case behaviour.AttachError != "":
		return look, a.failed(ctx, attachment, behaviour.AttachError)
	case a.waited(attachment.UID, "attach") < time.Duration(behaviour.AttachDelay):
		return look, nil
	}
	attachment.Status = storage.VolumeAttachmentStatus{Attached: true}
	_, err = a.kube.StorageV1().VolumeAttachments().UpdateStatus(ctx, attachment, meta.UpdateOptions{})
	return 0, err
}

func (a *Attacher) failed(ctx context.Context, attachment *storage.VolumeAttachment, why string) error {
	if said := attachment.Status.AttachError; said != nil && said.Message == why {
		return nil
	}
	attachment.Status.AttachError = &storage.VolumeError{Time: meta.Now(), Message: why}
	_, err := a.kube.StorageV1().VolumeAttachments().UpdateStatus(ctx, attachment, meta.UpdateOptions{})
	return err
}

func (a *Attacher) detached(ctx context.Context, attachment *storage.VolumeAttachment) error {
	others := slices.DeleteFunc(attachment.Finalizers, func(f string) bool { return f == a.finalizer })
	if len(others) == len(attachment.Finalizers) {
		return nil
	}
	attachment.Finalizers = others
	_, err := a.kube.StorageV1().VolumeAttachments().Update(ctx, attachment, meta.UpdateOptions{})
	if errors.IsNotFound(err) {
		return nil
	}
	return err
}
