// Package volume prepares on the host what a pod declares as its volumes, and takes it away again.
package volume

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	core "k8s.io/api/core/v1"
	"k8s.io/client-go/kubernetes"
)

// Host is the node that volumes are prepared on. Safe for many goroutines.
type Host struct {
	Kube    kubernetes.Interface
	Node    string
	Root    string
	Drivers map[string]*Driver
	InUse   *InUse
}

// Waiting is an error that nobody has to do anything about yet.
type Waiting struct{ what string }

func (w Waiting) Error() string { return w.what }

// Source is where a volume lies on the host.
type Source struct {
	Path     string
	ReadOnly bool
	// Block says that Path is a device.
	Block   bool
	release func(context.Context) error
}

// Set is the volumes of one pod. For one goroutine at a time.
type Set struct {
	host   *Host
	folder string
	ready  map[string]Source
	tokens map[string]token
}

// NewSet prepares nothing yet; folder is the pod's own.
func (h *Host) NewSet(folder string) *Set {
	return &Set{host: h, folder: filepath.Join(folder, "volumes"), ready: map[string]Source{}, tokens: map[string]token{}}
}

// Source of a volume that is prepared.
func (s *Set) Source(name string) Source { return s.ready[name] }

// SetUp prepares what is not ready yet, and says why it could not prepare the rest.
func (s *Set) SetUp(ctx context.Context, pod *core.Pod) error {
	var failed error
	for _, volume := range pod.Spec.Volumes {
		if _, done := s.ready[volume.Name]; done {
			continue
		}
		source, err := s.prepare(ctx, pod, volume)
		var waiting Waiting
		switch {
		case err == nil:
			s.ready[volume.Name] = source
		case errors.As(err, &waiting):
			failed = errors.Join(failed, Waiting{fmt.Sprintf("Unable to attach or mount volume %q: %v", volume.Name, err)})
		default:
			failed = errors.Join(failed, fmt.Errorf("MountVolume.SetUp failed for volume %q : %w", volume.Name, err))
		}
	}
	return failed
}

func (s *Set) prepare(ctx context.Context, pod *core.Pod, volume core.Volume) (Source, error) {
	at := filepath.Join(s.folder, volume.Name)
	switch {
	case volume.EmptyDir != nil:
		return s.emptyDir(pod, volume.EmptyDir, at)
	case volume.PersistentVolumeClaim != nil:
		return s.claim(ctx, pod, claimOf{volume.Name, volume.PersistentVolumeClaim.ClaimName, volume.PersistentVolumeClaim.ReadOnly, false})
	case volume.Ephemeral != nil:
		return s.claim(ctx, pod, claimOf{volume.Name, pod.Name + "-" + volume.Name, false, true})
	}
	files, err := s.payload(ctx, pod, volume)
	if err != nil {
		return Source{}, err
	}
	return Source{Path: at, ReadOnly: true}, files.write(at)
}

// Refresh brings files up to date: Secrets and ConfigMaps that changed, tokens that end soon. What can't be had stays as it is.
func (s *Set) Refresh(ctx context.Context, pod *core.Pod) {
	for _, volume := range pod.Spec.Volumes {
		if source, done := s.ready[volume.Name]; done && isPayload(volume) {
			if files, err := s.payload(ctx, pod, volume); err == nil {
				_ = files.write(source.Path)
			}
		}
	}
}

// TearDown takes away what it can, and says what it could not. It can be called again.
func (s *Set) TearDown(ctx context.Context) error {
	var failed error
	for name, source := range s.ready {
		err := error(nil)
		if source.release != nil {
			err = source.release(ctx)
		}
		if err != nil {
			failed = errors.Join(failed, fmt.Errorf("volume %s: %w", name, err))
			continue
		}
		delete(s.ready, name)
	}
	if failed != nil {
		return failed
	}
	return os.RemoveAll(s.folder)
}

// How long an API request for a volume may take.
const requestLimit = 30 * time.Second

// Gives a folder to a group, as fsGroup wants it: readable, and writable if the volume is, also for files made later.
func giveTo(group *int64, folder string) error {
	if group == nil {
		return nil
	}
	return filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.Type()&fs.ModeSymlink != 0 {
			return err
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		mode := info.Mode() | 0o660
		if entry.IsDir() {
			mode |= 0o110 | fs.ModeSetgid
		}
		return errors.Join(os.Chown(path, -1, int(*group)), os.Chmod(path, mode))
	})
}

func fsGroup(pod *core.Pod) *int64 {
	if pod.Spec.SecurityContext == nil {
		return nil
	}
	return pod.Spec.SecurityContext.FSGroup
}
