package driver

import (
	"bufio"
	"fmt"
	"os"
	"path"
	"regexp"
	"slices"
	"strings"
)

// A line of /proc/self/mountinfo, if it is of a loop device.
type mount struct {
	target string
	device string
	// filesystem says that the one on the device is mounted, not the device's node.
	filesystem bool
}

// The mounts of loop devices in our namespace; a later one hides an earlier one at the same target.
func mounts() ([]mount, error) {
	file, err := os.Open("/proc/self/mountinfo")
	if err != nil {
		return nil, err
	}
	defer file.Close()
	found := []mount{}
	lines := bufio.NewScanner(file)
	for lines.Scan() {
		// id parent major:minor root target options [tags…] - kind source options
		before, after, _ := strings.Cut(lines.Text(), " - ")
		place, what := strings.Fields(before), strings.Fields(after)
		if len(place) < 5 || len(what) < 2 {
			return nil, fmt.Errorf("mountinfo: %q", lines.Text())
		}
		target := unescape.Replace(place[4])
		// The root of a mounted node is its name in the filesystem of /dev.
		if node := path.Base(place[3]); loopName.MatchString(node) {
			found = append(found, mount{target: target, device: "/dev/" + node})
		} else if loopName.MatchString(path.Base(what[1])) {
			found = append(found, mount{target: target, device: what[1], filesystem: true})
		}
	}
	return found, lines.Err()
}

var (
	loopName = regexp.MustCompile(`^loop\d+$`)
	unescape = strings.NewReplacer(`\040`, " ", `\011`, "\t", `\012`, "\n", `\134`, `\`)
)

// The folders that the filesystem on an image is mounted at.
func filesystemsOn(image string) ([]string, error) {
	devices, err := loopsOf(image)
	if err != nil {
		return nil, err
	}
	all, err := mounts()
	targets := []string{}
	for _, mount := range all {
		if mount.filesystem && slices.Contains(devices, mount.device) {
			targets = append(targets, mount.target)
		}
	}
	return targets, err
}

// The loop device that was published at a target, as a device or as a filesystem; empty if none was.
func publishedAt(target string) (device string, err error) {
	all, err := mounts()
	for _, mount := range slices.Backward(all) {
		if mount.target == target {
			return mount.device, err
		}
	}
	return "", err
}

// Whether a device is published anywhere.
func published(device string) (bool, error) {
	all, err := mounts()
	return slices.ContainsFunc(all, func(m mount) bool { return m.device == device }), err
}
