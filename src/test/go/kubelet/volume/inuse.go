package volume

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"sync"

	"k8s.io/apimachinery/pkg/types"
)

// InUse tells the attach-detach controller, in the node's status, which volumes it must not detach yet. Safe for many
// goroutines.
type InUse struct {
	patch func(ctx context.Context, status []byte) error
	lock  sync.Mutex
	users map[string]map[types.UID]bool
}

// NewInUse reports with patch, which changes the status of the node.
func NewInUse(patch func(ctx context.Context, status []byte) error) *InUse {
	return &InUse{patch: patch, users: map[string]map[types.UID]bool{}}
}

// Add makes a pod a user of a volume. One that is used alone is refused to a second pod.
func (u *InUse) Add(ctx context.Context, volume string, pod types.UID, alone bool) error {
	u.lock.Lock()
	defer u.lock.Unlock()
	if u.users[volume][pod] {
		return nil
	}
	if alone && len(u.users[volume]) > 0 {
		return fmt.Errorf("volume uses the ReadWriteOncePod access mode and is already in use by another pod")
	}
	if u.users[volume] == nil {
		u.users[volume] = map[types.UID]bool{}
	}
	u.users[volume][pod] = true
	if err := u.report(ctx); err != nil {
		delete(u.users[volume], pod)
		return err
	}
	return nil
}

// Remove ends that; the volume may be detached when no user is left.
func (u *InUse) Remove(ctx context.Context, volume string, pod types.UID) error {
	u.lock.Lock()
	defer u.lock.Unlock()
	if !u.users[volume][pod] {
		return nil
	}
	delete(u.users[volume], pod)
	if err := u.report(ctx); err != nil {
		u.users[volume][pod] = true
		return err
	}
	return nil
}

func (u *InUse) report(ctx context.Context) error {
	names := []string{}
	for _, name := range slices.Sorted(maps.Keys(u.users)) {
		if len(u.users[name]) > 0 {
			names = append(names, name)
		}
	}
	status, err := json.Marshal(map[string]any{"status": map[string]any{"volumesInUse": names}})
	if err != nil {
		return err
	}
	return u.patch(ctx, status)
}
