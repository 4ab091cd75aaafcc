package driver

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/container-storage-interface/spec/lib/go/csi"
	"golang.org/x/sys/unix"
)

const defaultFilesystem = "ext4"

// Mounts the filesystem on a device, which is made if the device bears no signature of anything.
func publishFilesystem(device, target string, wanted *csi.VolumeCapability_MountVolume, deviceReadOnly, mountReadOnly bool) error {
	if err := os.MkdirAll(target, 0o750); err != nil {
		return err
	}
	kind, err := filesystemOn(device)
	if err != nil {
		return err
	}
	if kind == "" && !deviceReadOnly {
		if kind = wanted.GetFsType(); kind == "" {
			kind = defaultFilesystem
		}
		if err := format(device, kind); err != nil {
			return err
		}
	}
	if asked := wanted.GetFsType(); asked != "" && kind != asked {
		return fmt.Errorf("%s bears %q, not %s", device, kind, asked)
	}
	if err := mountDevice(device, target, kind, wanted.GetMountFlags(), deviceReadOnly); err != nil {
		return err
	}
	if mountReadOnly {
		// Of this mount alone: the device's other mounts stay writable.
		return run("mount", "-o", "remount,bind,ro", target)
	}
	return nil
}

func mountDevice(device, target, kind string, flags []string, readOnly bool) error {
	mount := func(options ...string) error {
		return run("mount", "-t", kind, "-o", strings.Join(append(options, flags...), ","), device, target)
	}
	if !readOnly {
		return mount("rw")
	}
	err := mount("ro")
	if err == nil {
		return nil
	}
	// A snapshot of a mounted filesystem has a journal to replay, which a read-only device does not allow.
	again := mount("ro", map[string]string{"ext4": "noload", "xfs": "norecovery"}[kind])
	if again != nil {
		return errors.Join(err, again)
	}
	return nil
}

// Exit code of blkid where it finds nothing.
const nothingFound = 2

// What lies on a device: the type of its filesystem, or empty. Anything else, such as a partition table, is an error.
func filesystemOn(device string) (string, error) {
	found, err := output("blkid", "--probe", "--output", "export", device)
	var exit *exec.ExitError
	if errors.As(err, &exit) && exit.ExitCode() == nothingFound {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	for _, line := range strings.Split(found, "\n") {
		if kind, is := strings.CutPrefix(line, "TYPE="); is {
			return kind, nil
		}
	}
	return "", fmt.Errorf("%s bears no filesystem, but: %s", device, strings.ReplaceAll(found, "\n", " "))
}

func format(device, kind string) error {
	switch kind {
	case "ext4":
		// No blocks for root alone, and no table to be written later by the kernel, behind the back of a snapshot.
		return run("mkfs.ext4", "-q", "-F", "-m", "0", "-E", "lazy_itable_init=0,lazy_journal_init=0", device)
	case "xfs":
		return run("mkfs.xfs", "-q", device)
	default:
		return fmt.Errorf("%s: a filesystem is ext4 or xfs, not %s", device, kind)
	}
}

// Mounts a device's node over a file.
func publishNode(device, target string) error {
	if err := os.MkdirAll(filepath.Dir(target), 0o750); err != nil {
		return err
	}
	file, err := os.OpenFile(target, os.O_CREATE, 0o660)
	if err != nil {
		return err
	}
	file.Close()
	if err := unix.Mount(device, target, "", unix.MS_BIND, ""); err != nil {
		return fmt.Errorf("bind %s at %s: %w", device, target, err)
	}
	return nil
}
