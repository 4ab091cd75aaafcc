package container

import (
	"bufio"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// A group is the cgroups of one container, where this host lets us make any: one per controller in version 1. They lie
// below our own, so that our limits hold for containers too.
type group struct {
	// Absent controllers are not in it.
	folders map[string]string
}

// Enforced says which limits the kernel keeps on this host. Without "devices", containers have no nodes but their own, and
// can't open any elsewhere; but one with the capability MKNOD could make more in /dev.
func Enforced() []string {
	enforced := []string{}
	for _, controller := range []string{"memory", "devices"} {
		if _, found := ownGroup(controller); found {
			enforced = append(enforced, controller)
		}
	}
	return enforced
}

// Our own cgroup of a controller of version 1, if we may make others below it.
func ownGroup(controller string) (folder string, found bool) {
	groups, err := os.ReadFile("/proc/self/cgroup")
	if err != nil {
		return "", false
	}
	for line := range strings.Lines(string(groups)) {
		// number:controllers:path
		parts := strings.SplitN(strings.TrimSpace(line), ":", 3)
		if len(parts) == 3 && parts[1] == controller {
			folder = filepath.Join("/sys/fs/cgroup", controller, parts[2])
			return folder, unix.Access(folder, unix.W_OK) == nil && !onReadOnly(folder)
		}
	}
	return "", false
}

func onReadOnly(folder string) bool {
	var about unix.Statfs_t
	return unix.Statfs(folder, &about) != nil || about.Flags&unix.ST_RDONLY != 0
}

func newGroup(spec *Spec) (*group, error) {
	made := &group{folders: map[string]string{}}
	for _, controller := range Enforced() {
		own, _ := ownGroup(controller)
		folder := filepath.Join(own, spec.Limits.Name)
		if err := os.Mkdir(folder, 0o755); err != nil && !errors.Is(err, fs.ErrExist) {
			return nil, errors.Join(err, made.remove())
		}
		made.folders[controller] = folder
	}
	if err := made.limit(spec); err != nil {
		return nil, errors.Join(err, made.remove())
	}
	return made, nil
}

func (g *group) limit(spec *Spec) error {
	if folder, found := g.folders["memory"]; found && spec.Limits.Memory > 0 {
		if err := write(folder, "memory.limit_in_bytes", strconv.FormatInt(spec.Limits.Memory, 10)); err != nil {
			return err
		}
	}
	folder, found := g.folders["devices"]
	if !found {
		return nil
	}
	rules, err := deviceRules(spec.Devices)
	if err != nil {
		return err
	}
	if err := write(folder, "devices.deny", "a"); err != nil {
		return err
	}
	for _, rule := range rules {
		if err := write(folder, "devices.allow", rule); err != nil {
			return err
		}
	}
	return nil
}

func write(folder, file, value string) error {
	if err := os.WriteFile(filepath.Join(folder, file), []byte(value), 0); err != nil {
		return fmt.Errorf("%s of the cgroup: %w", value, err)
	}
	return nil
}

func (g *group) add(pid int) error {
	for _, folder := range g.folders {
		if err := write(folder, "cgroup.procs", strconv.Itoa(pid)); err != nil {
			return err
		}
	}
	return nil
}

func (g *group) wasOutOfMemory() bool {
	file, err := os.Open(filepath.Join(g.folders["memory"], "memory.oom_control"))
	if err != nil {
		return false
	}
	defer file.Close()
	lines := bufio.NewScanner(file)
	for lines.Scan() {
		if count, is := strings.CutPrefix(lines.Text(), "oom_kill "); is {
			return count != "0"
		}
	}
	return false
}

// A process that was just killed may still be in it for a moment.
func (g *group) remove() error {
	var failed error
	for _, folder := range g.folders {
		for range 50 {
			err := os.Remove(folder)
			if err == nil || errors.Is(err, fs.ErrNotExist) {
				break
			}
			failed = fmt.Errorf("remove a container's cgroup: %w", err)
			time.Sleep(20 * time.Millisecond)
		}
		if _, err := os.Stat(folder); errors.Is(err, fs.ErrNotExist) {
			failed = nil
		}
	}
	return failed
}

// RemoveLeft removes the cgroups of containers that died with the program that made them; their names start with a prefix.
func RemoveLeft(prefix string) error {
	var failed error
	for _, controller := range Enforced() {
		own, _ := ownGroup(controller)
		left, err := filepath.Glob(filepath.Join(own, prefix+"*"))
		failed = errors.Join(failed, err)
		for _, folder := range left {
			failed = errors.Join(failed, (&group{map[string]string{controller: folder}}).remove())
		}
	}
	return failed
}

// Those that a JVM wants to see before it believes in any limit. The container is in ours of all but memory and devices.
var shown = []string{"memory", "cpu", "cpuacct", "cpuset"}

// Shows the container its cgroups, as runtimes do.
func groupsShown(at string) error {
	if _, found := ownGroup("memory"); !found {
		return nil
	}
	const safe = unix.MS_NOSUID | unix.MS_NODEV | unix.MS_NOEXEC
	if err := mount("tmpfs", at, "tmpfs", safe, "mode=755"); err != nil {
		return err
	}
	for _, controller := range shown {
		if own, found := ownGroup(controller); found {
			if err := bind(own, filepath.Join(at, controller), true); err != nil {
				return err
			}
		}
	}
	return unix.Mount("", at, "", unix.MS_REMOUNT|unix.MS_BIND|unix.MS_RDONLY|safe, "")
}
