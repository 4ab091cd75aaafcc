package container

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"
)

// What every container has in /dev: minor numbers of the memory devices, which have the major number 1.
var memoryDevices = map[string]uint32{"null": 3, "zero": 5, "full": 7, "random": 8, "urandom": 9}

const memoryMajor = 1

// Fills /dev: the only place of the container where a device can be opened.
func makeDevices(spec *Spec) error {
	dev := filepath.Join(spec.Root, "dev")
	if err := mount("tmpfs", dev, "tmpfs", unix.MS_NOSUID|unix.MS_NOEXEC, "mode=755,size=64k"); err != nil {
		return err
	}
	for name, minor := range memoryDevices {
		at := filepath.Join(dev, name)
		if err := unix.Mknod(at, unix.S_IFCHR|0o666, int(unix.Mkdev(memoryMajor, minor))); err != nil {
			return fmt.Errorf("make %s: %w", at, err)
		}
	}
	if err := mount("shm", filepath.Join(dev, "shm"), "tmpfs", unix.MS_NOSUID|unix.MS_NODEV|unix.MS_NOEXEC, "mode=1777,size=64m"); err != nil {
		return err
	}
	for name, to := range map[string]string{"fd": "", "stdin": "/0", "stdout": "/1", "stderr": "/2"} {
		if err := os.Symlink("/proc/self/fd"+to, filepath.Join(dev, name)); err != nil {
			return err
		}
	}
	for i, device := range spec.Devices {
		if err := makeDevice(spec.Root, i, device); err != nil {
			return fmt.Errorf("device %s: %w", device.Target, err)
		}
	}
	return nil
}

func makeDevice(root string, number int, device Device) error {
	var source unix.Stat_t
	if err := unix.Stat(device.Source, &source); err != nil {
		return fmt.Errorf("%s: %w", device.Source, err)
	}
	kind := source.Mode & unix.S_IFMT
	if kind != unix.S_IFBLK && kind != unix.S_IFCHR {
		return fmt.Errorf("%s is no device", device.Source)
	}
	at := filepath.Join(root, device.Target)
	if !strings.HasPrefix(filepath.Clean(device.Target), "/dev/") {
		// Devices can't be opened on the root itself, so that the node lies in /dev without a name, and is shown there.
		node := filepath.Join(root, "dev", fmt.Sprintf(".device%d", number))
		if err := mknod(node, kind, &source, device); err != nil {
			return err
		}
		if err := errors.Join(os.MkdirAll(filepath.Dir(at), 0o755), os.WriteFile(at, nil, 0o600)); err != nil {
			return err
		}
		return errors.Join(unix.Mount(node, at, "", unix.MS_BIND, ""), os.Remove(node))
	}
	if err := os.MkdirAll(filepath.Dir(at), 0o755); err != nil {
		return err
	}
	return mknod(at, kind, &source, device)
}

func mknod(at string, kind uint32, source *unix.Stat_t, device Device) error {
	return errors.Join(unix.Mknod(at, kind|0o660, int(source.Rdev)), os.Chown(at, device.UID, device.GID))
}

// The rules of a device cgroup of version 1: nodes of all kinds may be made, those of the container alone be opened.
func deviceRules(devices []Device) ([]string, error) {
	rules := []string{"c *:* m", "b *:* m"}
	for _, minor := range memoryDevices {
		rules = append(rules, fmt.Sprintf("c %d:%d rwm", memoryMajor, minor))
	}
	for _, device := range devices {
		var source unix.Stat_t
		if err := unix.Stat(device.Source, &source); err != nil {
			return nil, fmt.Errorf("device %s: %w", device.Source, err)
		}
		kind, access := "c", "rwm"
		if source.Mode&unix.S_IFMT == unix.S_IFBLK {
			kind = "b"
		}
		if device.ReadOnly {
			access = "rm"
		}
		rules = append(rules, fmt.Sprintf("%s %d:%d %s", kind, unix.Major(source.Rdev), unix.Minor(source.Rdev), access))
	}
	return rules, nil
}
