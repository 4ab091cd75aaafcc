package driver

import (
	"fmt"
	"os"
	"os/exec"
	"strings"

	"golang.org/x/sys/unix"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// A Block volume that is written to all the time has no moment to copy it at.
const copies = 5

// Copies an image so that what was zero takes no space. On a filesystem that can, the two share their blocks.
func (d *Driver) copyImage(source, target string) error {
	return run("cp", "--reflink=auto", "--sparse=always", source, target)
}

// Copies an image that may be attached, so that the copy is the image as it was at one time: a mounted filesystem is
// frozen meanwhile; the copy of a device is made again if somebody wrote to it. What a node has not yet written to the
// device is not in the copy, as with any storage.
func (d *Driver) copyAtOneTime(source, target string) error {
	end, err := freeze(source)
	defer end()
	if err != nil {
		return err
	}
	before, err := writesTo(source)
	if err != nil {
		return err
	}
	for range copies {
		if err := d.copyImage(source, target); err != nil {
			return err
		}
		after, err := writesTo(source)
		if err != nil || after == before {
			return err
		}
		before = after
	}
	return status.Errorf(codes.Aborted, "%s was written to during each of %d copies", source, copies)
}

// Freezes the filesystem on an image wherever it is mounted, and says how to thaw it. Also where this fails.
func freeze(image string) (end func(), err error) {
	frozen := []string{}
	end = func() {
		for _, target := range frozen {
			thaw(target)
		}
	}
	targets, err := filesystemsOn(image)
	for _, target := range targets {
		folder, err := os.Open(target)
		if err != nil {
			return end, err
		}
		err = unix.IoctlSetInt(int(folder.Fd()), fifreeze, 0)
		folder.Close()
		switch err {
		case nil:
			frozen = append(frozen, target)
		case unix.EBUSY:
			// It is mounted several times, and frozen already.
		default:
			return end, fmt.Errorf("freeze %s: %w", target, err)
		}
	}
	return end, err
}

// Fails where nothing is frozen, which is of no interest.
func thaw(target string) {
	if folder, err := os.Open(target); err == nil {
		_ = unix.IoctlSetInt(int(folder.Fd()), fithaw, 0)
		folder.Close()
	}
}

// From linux/fs.h: _IOWR('X', 119, int) and the one after it.
const (
	fifreeze = 0xc0045877
	fithaw   = 0xc0045878
)

func run(program string, arguments ...string) error {
	_, err := output(program, arguments...)
	return err
}

// What the program prints, without the end of its last line.
func output(program string, arguments ...string) (string, error) {
	printed := &strings.Builder{}
	complaint := &strings.Builder{}
	command := exec.Command(program, arguments...)
	command.Stdout, command.Stderr = printed, complaint
	if err := command.Run(); err != nil {
		return "", fmt.Errorf("%s: %w: %s", strings.Join(command.Args, " "), err, strings.TrimSpace(complaint.String()))
	}
	return strings.TrimSpace(printed.String()), nil
}
