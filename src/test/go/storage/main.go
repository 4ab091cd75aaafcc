// The storage of tests on a cluster, as one program that is, by its first argument, a CSI driver over files, the sidecar
// that serves its changed blocks to clients, or the attacher of its volumes. README.md says how to use it.
package main

import (
	"fmt"
	"os"

	"varve/storage/attacher"
	"varve/storage/driver"
	"varve/storage/sidecar"
)

var parts = map[string]func(arguments []string) error{
	"driver":   driver.Run,
	"release":  driver.Release,
	"sidecar":  sidecar.Run,
	"attacher": attacher.Run,
}

func main() {
	if len(os.Args) < 2 || parts[os.Args[1]] == nil {
		fmt.Fprintln(os.Stderr, "usage: storage driver|release|sidecar|attacher [flags]")
		os.Exit(2)
	}
	if err := parts[os.Args[1]](os.Args[2:]); err != nil {
		fmt.Fprintf(os.Stderr, "storage %s: %v\n", os.Args[1], err)
		os.Exit(1)
	}
}
