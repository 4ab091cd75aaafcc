package volume

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/sys/unix"
	core "k8s.io/api/core/v1"
)

// A folder that anyone can write to. One in memory is as large as it may become; one on the disk is only looked at now and
// then, and its pod evicted, as a real kubelet does.
func (s *Set) emptyDir(pod *core.Pod, source *core.EmptyDirVolumeSource, at string) (Source, error) {
	if err := os.MkdirAll(at, 0o777); err != nil {
		return Source{}, err
	}
	ready := Source{Path: at}
	if source.Medium == core.StorageMediumMemory {
		options := "mode=777"
		if source.SizeLimit != nil {
			options += fmt.Sprintf(",size=%d", source.SizeLimit.Value())
		}
		if err := unix.Mount("tmpfs", at, "tmpfs", unix.MS_NOSUID|unix.MS_NODEV, options); err != nil {
			return Source{}, fmt.Errorf("mount a tmpfs: %w", err)
		}
		ready.release = func(context.Context) error { return unmount(at) }
	}
	return ready, errors.Join(os.Chmod(at, 0o777), giveTo(fsGroup(pod), at))
}

func unmount(at string) error {
	if err := unix.Unmount(at, 0); err != nil && !errors.Is(err, unix.EINVAL) && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("unmount %s: %w", at, err)
	}
	return nil
}

// TooLarge says which emptyDir on the disk has outgrown its limit, and is empty if none has.
func (s *Set) TooLarge(pod *core.Pod) string {
	for _, volume := range pod.Spec.Volumes {
		source, done := s.ready[volume.Name]
		dir := volume.EmptyDir
		if !done || dir == nil || dir.SizeLimit == nil || dir.Medium == core.StorageMediumMemory {
			continue
		}
		if used(source.Path) > dir.SizeLimit.Value() {
			return fmt.Sprintf("Usage of EmptyDir volume %q exceeds the limit %q. ", volume.Name, dir.SizeLimit)
		}
	}
	return ""
}

// The space that a folder takes on the disk. What goes away meanwhile does not count.
func used(folder string) int64 {
	total := int64(0)
	_ = filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		var about unix.Stat_t
		if err == nil && unix.Lstat(path, &about) == nil {
			total += about.Blocks * 512
		}
		return nil
	})
	return total
}

// UnmountBelow takes away all that is mounted below a folder, the innermost first.
func UnmountBelow(folder string) error {
	mounts, err := os.ReadFile("/proc/self/mounts")
	if err != nil {
		return err
	}
	for _, line := range slices.Backward(strings.Split(string(mounts), "\n")) {
		if fields := strings.Fields(line); len(fields) > 1 && strings.HasPrefix(fields[1], folder+"/") {
			if err := unmount(fields[1]); err != nil {
				return err
			}
		}
	}
	return nil
}
