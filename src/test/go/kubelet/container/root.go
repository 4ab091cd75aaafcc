package container

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"
)

// Builds the root filesystem and makes it the only one that this process knows. Devices can be opened in /dev alone.
func enter(spec *Spec) error {
	root := spec.Root
	if err := unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""); err != nil {
		return fmt.Errorf("keep mounts to ourselves: %w", err)
	}
	if err := mount("tmpfs", root, "tmpfs", unix.MS_NODEV, "mode=755"); err != nil {
		return err
	}
	steps := []func(*Spec) error{folders, kernelFilesystems, makeDevices, binds, masks}
	for _, step := range steps {
		if err := step(spec); err != nil {
			return err
		}
	}
	if err := unix.Chdir(root); err != nil {
		return err
	}
	// The old root comes to lie on the new one, and goes.
	if err := unix.PivotRoot(".", "."); err != nil {
		return fmt.Errorf("pivot to %s: %w", root, err)
	}
	if err := unix.Unmount(".", unix.MNT_DETACH); err != nil {
		return fmt.Errorf("let the host's root go: %w", err)
	}
	if err := workFrom(spec); err != nil {
		return err
	}
	if spec.ReadOnlyRoot {
		if err := unix.Mount("", "/", "", unix.MS_REMOUNT|unix.MS_BIND|unix.MS_RDONLY|unix.MS_NODEV, ""); err != nil {
			return fmt.Errorf("make the root read-only: %w", err)
		}
	}
	return nil
}

func mount(source, target, kind string, flags uintptr, data string) error {
	if err := os.MkdirAll(target, 0o755); err != nil {
		return err
	}
	if err := unix.Mount(source, target, kind, flags, data); err != nil {
		return fmt.Errorf("mount %s at %s: %w", kind, target, err)
	}
	return nil
}

// Those that every image has.
func folders(spec *Spec) error {
	const anyone = 0o777 | fs.ModeSticky
	for folder, mode := range map[string]fs.FileMode{"tmp": anyone, "var/tmp": anyone, "run": 0o755, "root": 0o700, "home": 0o755} {
		at := filepath.Join(spec.Root, folder)
		if err := errors.Join(os.MkdirAll(at, 0o755), os.Chmod(at, mode)); err != nil {
			return err
		}
	}
	return nil
}

func kernelFilesystems(spec *Spec) error {
	const safe = unix.MS_NOSUID | unix.MS_NODEV | unix.MS_NOEXEC
	return errors.Join(
		mount("proc", filepath.Join(spec.Root, "proc"), "proc", safe, ""),
		mount("sysfs", filepath.Join(spec.Root, "sys"), "sysfs", safe|unix.MS_RDONLY, ""),
		groupsShown(filepath.Join(spec.Root, "sys/fs/cgroup")))
}

func binds(spec *Spec) error {
	for _, m := range spec.Mounts {
		if err := bind(m.Source, filepath.Join(spec.Root, m.Target), m.ReadOnly); err != nil {
			return err
		}
	}
	return nil
}

// Shows a file or a folder of the host, and all that is mounted below it. A link is taken over as one.
func bind(source, target string, readOnly bool) error {
	info, err := os.Lstat(source)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(target), 0o755); err != nil {
		return err
	}
	if info.Mode()&fs.ModeSymlink != 0 {
		to, err := os.Readlink(source)
		if err != nil {
			return err
		}
		return os.Symlink(to, target)
	}
	if info.IsDir() {
		err = os.MkdirAll(target, 0o755)
	} else if _, absent := os.Lstat(target); absent != nil {
		err = os.WriteFile(target, nil, 0o644)
	}
	if err != nil {
		return err
	}
	if err := unix.Mount(source, target, "", unix.MS_BIND|unix.MS_REC, ""); err != nil {
		return fmt.Errorf("show %s at %s: %w", source, target, err)
	}
	attributes := uint64(unix.MOUNT_ATTR_NODEV)
	if readOnly {
		attributes |= unix.MOUNT_ATTR_RDONLY
	}
	if err := unix.MountSetattr(unix.AT_FDCWD, target, unix.AT_RECURSIVE, &unix.MountAttr{Attr_set: attributes}); err != nil {
		return fmt.Errorf("restrict %s: %w", target, err)
	}
	return nil
}

// Hides what runtimes hide of the kernel: what it has in memory, its keys, what it can be told to do.
func masks(spec *Spec) error {
	proc := filepath.Join(spec.Root, "proc")
	for _, name := range []string{"kcore", "keys", "timer_list", "interrupts"} {
		at := filepath.Join(proc, name)
		if _, err := os.Lstat(at); err != nil {
			continue
		}
		if err := unix.Mount(filepath.Join(spec.Root, "dev/null"), at, "", unix.MS_BIND, ""); err != nil {
			return fmt.Errorf("mask %s: %w", at, err)
		}
	}
	for _, name := range []string{"bus", "fs", "irq", "sys", "sysrq-trigger"} {
		at := filepath.Join(proc, name)
		if _, err := os.Lstat(at); err != nil {
			continue
		}
		if err := bind(at, at, true); err != nil {
			return err
		}
	}
	return nil
}

// A working folder that is absent is made, as runtimes do. Called inside, so that no link leads out.
func workFrom(spec *Spec) error {
	folder := spec.Folder
	if folder == "" {
		folder = "/"
	}
	if !strings.HasPrefix(folder, "/") {
		return fmt.Errorf("working folder %s is not absolute", folder)
	}
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	return os.Chdir(folder)
}
