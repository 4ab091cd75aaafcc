package driver

import (
	"fmt"
	"time"

	"github.com/container-storage-interface/spec/lib/go/csi"

	"varve/storage/control"
)

// Behaviour is what a test tells the driver to do, at /behaviour. The zero value is a driver without fault.
type Behaviour struct {
	// Faults by CSI method, such as CreateSnapshot or GetMetadataDelta.
	Faults map[string]control.Fault `json:"faults,omitempty"`
	// SnapshotReadyAfter is how long after its creation a snapshot becomes ready: a duration, or "never". It holds for
	// snapshots that exist already, so that a test can end the waiting.
	SnapshotReadyAfter string `json:"snapshotReadyAfter,omitempty"`
	// NoSnapshotMetadata makes it a driver without changed blocks.
	NoSnapshotMetadata bool `json:"noSnapshotMetadata,omitempty"`
	// FixedBlocks makes it report every block by itself, not runs of them.
	FixedBlocks bool `json:"fixedBlocks,omitempty"`
}

func (b Behaviour) check(faults *control.Faults) error {
	if _, err := b.readyAfter(); err != nil {
		return err
	}
	return faults.Set(b.Faults)
}

func (b Behaviour) readyAfter() (time.Duration, error) {
	switch b.SnapshotReadyAfter {
	case "":
		return 0, nil
	case "never":
		return 1<<63 - 1, nil
	}
	after, err := time.ParseDuration(b.SnapshotReadyAfter)
	if err != nil {
		return 0, fmt.Errorf("snapshotReadyAfter: %w", err)
	}
	return after, nil
}

func (b Behaviour) ready(snapshot Snapshot, now time.Time) bool {
	// It was parsed when it was set.
	after, _ := b.readyAfter()
	return now.Sub(snapshot.CreatedAt) >= after
}

func (b Behaviour) blockType() csi.BlockMetadataType {
	if b.FixedBlocks {
		return csi.BlockMetadataType_FIXED_LENGTH
	}
	return csi.BlockMetadataType_VARIABLE_LENGTH
}
