package driver

import (
	"errors"
	"flag"
	"fmt"
	"slices"
)

// Release is the part "release" of the program: it ends every publication of a driver that is gone, and detaches its
// devices, so that its folder can be removed. A driver that merely ends leaves volumes where pods use them.
func Release(arguments []string) error {
	flags := flag.NewFlagSet("release", flag.ExitOnError)
	data := flags.String("data", "", "folder of the driver's volumes and snapshots")
	if err := flags.Parse(arguments); err != nil {
		return err
	}
	if *data == "" {
		return errors.New("--data is required")
	}
	d, err := Open(Config{Data: *data})
	if err != nil {
		return err
	}
	devices, err := d.devices()
	if err != nil {
		return err
	}
	all, err := mounts()
	if err != nil {
		return err
	}
	var failed error
	for _, mount := range slices.Backward(all) {
		if slices.Contains(devices, mount.device) {
			fmt.Printf("release %s at %s\n", mount.device, mount.target)
			failed = errors.Join(failed, release(mount.target, mount.device))
		}
	}
	return failed
}
