package pod

import (
	"context"
	"sync"
	"time"

	core "k8s.io/api/core/v1"

	"varve/kubelet/container"
)

func (w *worker) makeMembers() {
	for _, one := range w.pod.Spec.InitContainers {
		is := initial
		if one.RestartPolicy != nil && *one.RestartPolicy == core.ContainerRestartPolicyAlways {
			is = sidecar
		}
		w.members = append(w.members, newMember(w, one, is))
	}
	for _, one := range w.pod.Spec.Containers {
		w.members = append(w.members, newMember(w, one, main))
	}
}

func newMember(w *worker, of core.Container, is role) *member {
	reason := "ContainerCreating"
	if len(w.pod.Spec.InitContainers) > 0 {
		reason = "PodInitializing"
	}
	return &member{of: w, container: of, role: is, status: core.ContainerStatus{
		Name: of.Name, Image: of.Image, State: core.ContainerState{Waiting: &core.ContainerStateWaiting{Reason: reason}},
	}}
}

// Runs the initial containers one after another, each sidecar from its turn on, then all main ones; ends with the sidecars.
func (w *worker) runMembers() {
	// The sidecars outlive the main ones also when the pod is to end.
	sidecars, endSidecars := context.WithCancel(context.WithoutCancel(w.stop))
	var beside, mains sync.WaitGroup
	initialised := true
	for _, m := range w.members {
		switch {
		case !initialised || w.stop.Err() != nil:
		case m.role == sidecar:
			beside.Go(func() { m.live(sidecars) })
		case m.role == initial:
			m.live(w.stop)
			initialised = m.code() == 0
		default:
			mains.Go(func() { m.live(w.stop) })
		}
	}
	mains.Wait()
	endSidecars()
	beside.Wait()
}

// Whether an earlier kubelet of the node had this pod.
func (w *worker) startedBefore() bool {
	for _, status := range w.latest().Status.ContainerStatuses {
		if status.State.Running != nil || status.State.Terminated != nil {
			return true
		}
	}
	return false
}

// Its containers died with it, and nobody saw how.
func (w *worker) loseMembers() {
	for _, m := range w.members {
		m.end(container.Exit{Code: lostCode, Ended: time.Now()}, "ContainerStatusUnknown",
			"The container could not be located when the pod was terminated")
	}
}
