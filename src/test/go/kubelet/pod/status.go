package pod

import (
	"encoding/json"
	"fmt"
	"os"
	"time"

	core "k8s.io/api/core/v1"
	problem "k8s.io/apimachinery/pkg/api/errors"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"varve/kubelet/volume"
)

// Brings the pod's status in the API up to date; keeps trying until it is, or the pod or the kubelet is gone.
func (w *worker) report() {
	w.reporting.Lock()
	defer w.reporting.Unlock()
	for w.kubeletRuns.Err() == nil && !w.isGone() {
		pod := w.latest()
		if isOver(pod) {
			return
		}
		status, err := json.Marshal(w.status())
		if err == nil && string(status) == w.reported {
			return
		}
		if err == nil {
			// The conditions are merged by their type: others set some too.
			pods := w.kubelet.Host.Kube.CoreV1().Pods(pod.Namespace)
			patch := fmt.Appendf(nil, `{"metadata":{"uid":%q},"status":%s}`, pod.UID, status)
			_, err = pods.Patch(w.kubeletRuns, pod.Name, types.StrategicMergePatchType, patch, meta.PatchOptions{}, "status")
		}
		if err == nil {
			w.reported = string(status)
			return
		}
		if problem.IsNotFound(err) || problem.IsConflict(err) {
			// It was replaced by another of its name.
			return
		}
		if w.kubeletRuns.Err() == nil {
			fmt.Fprintf(os.Stderr, "status of pod %s: %v\n", w.name, err)
		}
		pause(w.kubeletRuns, again)
	}
}

func (w *worker) isGone() bool {
	w.lock.Lock()
	defer w.lock.Unlock()
	return w.gone
}

// What a kubelet says of a pod; fields that it does not set are left alone.
type said struct {
	Phase             core.PodPhase          `json:"phase"`
	Reason            string                 `json:"reason,omitempty"`
	Message           string                 `json:"message,omitempty"`
	HostIP            string                 `json:"hostIP"`
	PodIP             string                 `json:"podIP,omitempty"`
	PodIPs            []core.PodIP           `json:"podIPs,omitempty"`
	StartTime         meta.Time              `json:"startTime"`
	Conditions        []core.PodCondition    `json:"conditions"`
	InitContainers    []core.ContainerStatus `json:"initContainerStatuses,omitempty"`
	ContainerStatuses []core.ContainerStatus `json:"containerStatuses"`
}

func (w *worker) status() said {
	w.lock.Lock()
	now := said{HostIP: volume.IP, StartTime: w.started, Reason: w.reason, Message: w.message}
	finished := w.finished
	w.lock.Unlock()
	began, mainsRun, initialised, failed := false, true, true, now.Reason != ""
	for _, m := range w.members {
		status, over := m.copyOfStatus()
		running := status.State.Running != nil
		switch m.role {
		case main:
			began = began || running || over || status.RestartCount > 0
			mainsRun = mainsRun && running
			failed = failed || m.code() != 0
			now.ContainerStatuses = append(now.ContainerStatuses, status)
		case initial:
			initialised = initialised && over && m.code() == 0
			failed = failed || m.code() != 0
			now.InitContainers = append(now.InitContainers, status)
		case sidecar:
			initialised = initialised && (running || over || status.RestartCount > 0)
			now.InitContainers = append(now.InitContainers, status)
		}
	}
	switch {
	case finished && failed:
		now.Phase = core.PodFailed
	case finished:
		now.Phase = core.PodSucceeded
	case began:
		now.Phase = core.PodRunning
	default:
		now.Phase = core.PodPending
	}
	if began {
		now.PodIP, now.PodIPs = volume.IP, []core.PodIP{{IP: volume.IP}}
	}
	now.Conditions = w.conditions(initialised, mainsRun && !finished, began && !finished, now.Reason == evictedReason)
	return now
}

func (m *member) copyOfStatus() (status core.ContainerStatus, over bool) {
	m.lock.Lock()
	defer m.lock.Unlock()
	status = *m.status.DeepCopy()
	running := status.State.Running != nil
	status.Ready, status.Started = running, &running
	status.Ready = running || m.role == initial && status.State.Terminated != nil && status.State.Terminated.ExitCode == 0
	return status, status.State.Terminated != nil
}

// There are no probes: a container that runs is ready.
func (w *worker) conditions(initialised, ready, sandbox, evicted bool) []core.PodCondition {
	conditions := []core.PodCondition{}
	for _, one := range []struct {
		kind core.PodConditionType
		is   bool
	}{
		{core.PodScheduled, true}, {core.PodReadyToStartContainers, sandbox}, {core.PodInitialized, initialised},
		{core.ContainersReady, ready}, {core.PodReady, ready},
	} {
		condition := core.PodCondition{Type: one.kind, Status: core.ConditionFalse, LastTransitionTime: w.started}
		if one.is {
			condition.Status = core.ConditionTrue
		}
		conditions = append(conditions, condition)
	}
	if evicted {
		conditions = append(conditions, core.PodCondition{
			Type: core.DisruptionTarget, Status: core.ConditionTrue, Reason: core.PodReasonTerminationByKubelet,
			Message: "The pod was evicted by the kubelet", LastTransitionTime: w.started,
		})
	}
	return conditions
}

// Removes the object, once nothing of the pod is left here. Who holds it by a finalizer has seen its last status.
func (w *worker) deleteObject() {
	pod, none := w.latest(), int64(0)
	for w.kubeletRuns.Err() == nil && !w.isGone() {
		err := w.kubelet.Host.Kube.CoreV1().Pods(pod.Namespace).Delete(w.kubeletRuns, pod.Name, meta.DeleteOptions{
			GracePeriodSeconds: &none, Preconditions: &meta.Preconditions{UID: &pod.UID},
		})
		if err == nil || problem.IsNotFound(err) || problem.IsConflict(err) {
			return
		}
		if w.kubeletRuns.Err() == nil {
			fmt.Fprintf(os.Stderr, "deletion of pod %s: %v\n", w.name, err)
		}
		pause(w.kubeletRuns, time.Second)
	}
}
