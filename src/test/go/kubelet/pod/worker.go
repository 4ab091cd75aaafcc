package pod

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"

	core "k8s.io/api/core/v1"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"

	"varve/kubelet/volume"
)

// A worker takes one pod from its first sight to its deletion.
type worker struct {
	kubelet *Kubelet
	name    string
	folder  string
	volumes *volume.Set
	members []*member
	// kubeletRuns ends with the kubelet, stop when the pod is to end, deleted when its object is to go.
	kubeletRuns context.Context
	stop        context.Context
	end         context.CancelFunc
	deleted     context.Context
	delete      context.CancelFunc

	lock sync.Mutex
	pod  *core.Pod
	// gone says that there is no object any more.
	gone bool
	// grace, if set, is what is left to the containers whatever the pod says.
	grace *time.Duration
	// reason and message are those of a pod that the kubelet itself ends.
	reason, message string
	finished        bool
	started         meta.Time
	// reported is the status that the API server has.
	reported string
	// reporting keeps statuses in their order.
	reporting sync.Mutex
}

func newWorker(kubeletRuns context.Context, kubelet *Kubelet, pod *core.Pod) *worker {
	w := &worker{
		kubelet: kubelet, name: pod.Namespace + "/" + pod.Name, pod: pod, started: meta.Now(), kubeletRuns: kubeletRuns,
		folder: filepath.Join(kubelet.Host.Root, "pods", string(pod.UID)),
	}
	w.stop, w.end = context.WithCancel(kubeletRuns)
	w.deleted, w.delete = context.WithCancel(kubeletRuns)
	w.volumes = kubelet.Host.NewSet(w.folder)
	w.makeMembers()
	w.changed(pod)
	return w
}

func (w *worker) latest() *core.Pod {
	w.lock.Lock()
	defer w.lock.Unlock()
	return w.pod
}

func (w *worker) changed(pod *core.Pod) {
	w.lock.Lock()
	w.pod = pod
	w.lock.Unlock()
	if pod.DeletionTimestamp != nil {
		w.end()
		w.delete()
	}
}

// Deleted by force: nobody waits for the containers.
func (w *worker) vanished() {
	shortest := time.Second
	w.lock.Lock()
	w.gone, w.grace = true, &shortest
	w.lock.Unlock()
	w.end()
	w.delete()
}

// Ends the pod for a reason of the kubelet's.
func (w *worker) fail(reason, message string, grace *time.Duration) {
	w.lock.Lock()
	w.reason, w.message, w.grace = reason, message, grace
	w.lock.Unlock()
	w.kubelet.Events.Event(w.latest(), core.EventTypeWarning, reason, message)
	w.end()
}

func (w *worker) run() {
	switch {
	case isOver(w.latest()):
		w.finished = true
	case w.startedBefore():
		w.loseMembers()
	default:
		w.live()
	}
	w.lock.Lock()
	w.finished = true
	w.lock.Unlock()
	w.report()
	// The volumes of a pod that is over go before its object does, so that they can be detached.
	for err := w.clean(); err != nil; err = w.clean() {
		fmt.Fprintf(os.Stderr, "pod %s: %v\n", w.name, err)
		if !pause(w.kubeletRuns, again) {
			break
		}
	}
	<-w.deleted.Done()
	w.deleteObject()
}

func isOver(pod *core.Pod) bool {
	return pod.Status.Phase == core.PodSucceeded || pod.Status.Phase == core.PodFailed
}

// From the first status to the end of the last container.
func (w *worker) live() {
	w.report()
	if deadline := w.latest().Spec.ActiveDeadlineSeconds; deadline != nil {
		timer := time.AfterFunc(time.Duration(*deadline)*time.Second, func() {
			w.fail("DeadlineExceeded", "Pod was active on the node longer than the specified deadline", nil)
		})
		defer timer.Stop()
	}
	if !w.prepare() {
		return
	}
	tended := make(chan struct{})
	tending, untend := context.WithCancel(w.stop)
	go func() {
		defer close(tended)
		w.tend(tending)
	}()
	w.runMembers()
	untend()
	<-tended
}

// Tries until the volumes are ready; says no if the pod is to end before.
func (w *worker) prepare() bool {
	if !pause(w.stop, time.Duration(w.kubelet.Faults.Get().StartDelay)) {
		return false
	}
	if err := w.makeFolder(); err != nil {
		w.fail("Failed", err.Error(), nil)
		return false
	}
	said := event{of: w}
	for {
		err := w.volumes.SetUp(w.stop, w.latest())
		if err == nil {
			return w.stop.Err() == nil
		}
		var waiting volume.Waiting
		said.warn("FailedMount", err.Error(), errors.As(err, &waiting))
		if !pause(w.stop, again) {
			return false
		}
	}
}

func (w *worker) makeFolder() error {
	if err := os.MkdirAll(w.folder, 0o755); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(w.folder, "hosts"), []byte(hosts(w.latest())), 0o644)
}

const (
	// Also told by a condition, so that a podFailurePolicy can tell it from a failure of the pod's own.
	evictedReason = "Evicted"
	tendEvery     = time.Second
	refreshEvery  = 30
)

// Looks after the volumes of a pod that runs.
func (w *worker) tend(ctx context.Context) {
	for i := 1; pause(ctx, tendEvery); i++ {
		if tooLarge := w.volumes.TooLarge(w.latest()); tooLarge != "" {
			none := time.Duration(0)
			w.fail(evictedReason, tooLarge, &none)
		}
		if i%refreshEvery == 0 {
			w.volumes.Refresh(ctx, w.latest())
		}
	}
}

// Also when the kubelet ends: nothing of it shall stay on this host.
func (w *worker) clean() error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(w.kubeletRuns), cleanLimit)
	defer cancel()
	if err := w.volumes.TearDown(ctx); err != nil {
		return err
	}
	return os.RemoveAll(w.folder)
}

const cleanLimit = 30 * time.Second

// How long containers have from SIGTERM to SIGKILL. It can become shorter while they end.
func (w *worker) graceLeft() time.Duration {
	w.lock.Lock()
	defer w.lock.Unlock()
	switch {
	case w.kubeletRuns.Err() != nil:
		return 0
	case w.grace != nil:
		return *w.grace
	case w.pod.DeletionGracePeriodSeconds != nil:
		return time.Duration(*w.pod.DeletionGracePeriodSeconds) * time.Second
	case w.pod.Spec.TerminationGracePeriodSeconds != nil:
		return time.Duration(*w.pod.Spec.TerminationGracePeriodSeconds) * time.Second
	}
	return core.DefaultTerminationGracePeriodSeconds * time.Second
}

// An event that is not said again for the same thing.
type event struct {
	of    *worker
	since time.Time
	last  string
}

// Nobody has to know of a wait that is short.
const patience = 10 * time.Second

func (e *event) warn(reason, message string, waits bool) {
	if e.since.IsZero() {
		e.since = time.Now()
	}
	if waits && time.Since(e.since) < patience || message == e.last {
		return
	}
	e.last = message
	e.of.kubelet.Events.Event(e.of.latest(), core.EventTypeWarning, reason, message)
}
