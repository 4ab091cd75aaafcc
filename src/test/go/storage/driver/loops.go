package driver

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// Attaches an image to a loop device that it is the caller's to detach.
func attach(image string, readOnly bool) (device string, err error) {
	arguments := []string{"--find", "--show"}
	if readOnly {
		arguments = append(arguments, "--read-only")
	}
	// Past the page cache of the image, where its filesystem can: else all bytes are cached twice.
	device, err = output("losetup", append(arguments, "--direct-io=on", image)...)
	if err != nil {
		device, err = output("losetup", append(arguments, image)...)
	}
	return device, err
}

func detach(device string) error { return run("losetup", "--detach", device) }

// Tells the devices of an image that it has grown.
func growLoops(image string) error {
	devices, err := loopsOf(image)
	for _, device := range devices {
		if err := run("losetup", "--set-capacity", device); err != nil {
			return err
		}
	}
	return err
}

// The devices that an image is attached to, as the kernel knows them: so they are known after a restart of the driver.
func loopsOf(image string) ([]string, error) {
	return loops(func(behind string) bool { return behind == image })
}

func loops(matches func(image string) bool) ([]string, error) {
	names, err := filepath.Glob("/sys/block/loop*/loop/backing_file")
	if err != nil {
		return nil, err
	}
	found := []string{}
	for _, name := range names {
		behind, err := os.ReadFile(name)
		if err != nil {
			// Detached meanwhile by somebody else.
			continue
		}
		if matches(strings.TrimSpace(string(behind))) {
			found = append(found, "/dev/"+strings.Split(name, "/")[3])
		}
	}
	return found, nil
}

// What changes when somebody writes to an image through a device: the writes and discards that have ended, and those in
// flight.
func writesTo(image string) (string, error) {
	devices, err := loopsOf(image)
	if err != nil {
		return "", err
	}
	seen := &strings.Builder{}
	for _, device := range devices {
		folder := filepath.Join("/sys/block", filepath.Base(device))
		// Documentation/block/stat.rst: 0 reads … 4 writes … 11 discards.
		stat, err := os.ReadFile(filepath.Join(folder, "stat"))
		if err != nil {
			return "", err
		}
		inflight, err := os.ReadFile(filepath.Join(folder, "inflight"))
		if err != nil {
			return "", err
		}
		fields, now := strings.Fields(string(stat)), strings.Fields(string(inflight))
		if len(fields) < 12 || len(now) < 2 {
			return "", fmt.Errorf("%s: stat %q, inflight %q", device, stat, inflight)
		}
		fmt.Fprintln(seen, device, fields[4], fields[11], now[1])
	}
	return seen.String(), nil
}
