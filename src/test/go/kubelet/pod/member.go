package pod

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"syscall"
	"time"

	core "k8s.io/api/core/v1"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"

	"varve/kubelet/container"
)

type role int

const (
	// initial ones end before the next one starts, sidecars run until the main ones have ended.
	initial role = iota
	sidecar
	main
)

// A member is a container of a pod, over all of its lives.
type member struct {
	of        *worker
	container core.Container
	role      role
	lock      sync.Mutex
	status    core.ContainerStatus
	now       *container.Container
}

const (
	firstBackoff = time.Second
	// That of a real kubelet goes from 10 s to 5 minutes, which no test waits for.
	longestBackoff = 10 * time.Second
	startErrorCode = 128
	lostCode       = 137
	// How often one that is to end is looked at: its grace may have been shortened.
	endEvery = 50 * time.Millisecond
)

// Runs the container as often as its policy wants, until it has ended for good, or stop ends and with it the container.
func (m *member) live(stop context.Context) {
	said := event{of: m.of}
	for backoff := firstBackoff; stop.Err() == nil; backoff = min(2*backoff, longestBackoff) {
		err := m.start(stop)
		var refused refusal
		if errors.As(err, &refused) {
			m.wait(refused.reason, refused.message)
			said.warn("Failed", "Error: "+refused.Error(), false)
			pause(stop, firstBackoff)
			continue
		}
		if err != nil {
			now := time.Now()
			m.end(container.Exit{Code: startErrorCode, Ended: now}, "StartError", err.Error())
			said.warn("Failed", "Error: "+err.Error(), false)
		} else {
			m.of.report()
			m.finish(stop)
		}
		m.of.report()
		if stop.Err() != nil || !m.again() {
			return
		}
		m.wait("CrashLoopBackOff", fmt.Sprintf("back-off %v restarting failed container %s", backoff, m.container.Name))
		pause(stop, backoff)
	}
}

func (m *member) start(ctx context.Context) error {
	spec, err := m.specification(ctx)
	if err != nil {
		return err
	}
	if err := m.makeMessageFile(); err != nil {
		return err
	}
	log, err := m.openLog()
	if err != nil {
		return err
	}
	defer log.Close()
	started, err := container.Start(spec, log)
	if err != nil {
		return fmt.Errorf("failed to start container %s: %w", m.container.Name, err)
	}
	m.lock.Lock()
	m.now = started
	m.status.ContainerID = fmt.Sprintf("process://%d", started.Pid())
	m.status.State = core.ContainerState{Running: &core.ContainerStateRunning{StartedAt: meta.NewTime(started.Started)}}
	m.lock.Unlock()
	m.of.kubelet.Events.Event(m.of.latest(), core.EventTypeNormal, "Started", "Container started: "+m.container.Name)
	return nil
}

// Waits for the end, or brings it about: SIGTERM, and after the pod's grace SIGKILL.
func (m *member) finish(stop context.Context) {
	select {
	case <-m.now.Ended():
	case <-stop.Done():
		m.of.kubelet.Events.Event(m.of.latest(), core.EventTypeNormal, "Killing", "Stopping container "+m.container.Name)
		m.now.Signal(syscall.SIGTERM)
		m.killAfterGrace()
	}
	exit := m.now.Exit()
	reason := "Completed"
	switch {
	case exit.OutOfMemory:
		reason = "OOMKilled"
	case exit.Code != 0:
		reason = "Error"
	}
	fallBack := m.container.TerminationMessagePolicy == core.TerminationMessageFallbackToLogsOnError
	m.end(exit, reason, m.message(exit.Code != 0, fallBack))
}

func (m *member) killAfterGrace() {
	asked := time.Now()
	look := time.NewTicker(endEvery)
	defer look.Stop()
	for {
		if time.Since(asked) >= m.of.graceLeft() {
			m.now.Signal(syscall.SIGKILL)
			return
		}
		select {
		case <-m.now.Ended():
			return
		case <-look.C:
		}
	}
}

func (m *member) end(exit container.Exit, reason, message string) {
	m.lock.Lock()
	defer m.lock.Unlock()
	over := &core.ContainerStateTerminated{
		ExitCode: exit.Code, Reason: reason, Message: message, ContainerID: m.status.ContainerID, FinishedAt: meta.NewTime(exit.Ended),
	}
	if running := m.status.State.Running; running != nil {
		over.StartedAt = running.StartedAt
	}
	m.now = nil
	m.status.State = core.ContainerState{Terminated: over}
}

func (m *member) wait(reason, message string) {
	m.lock.Lock()
	if m.status.State.Terminated != nil {
		m.status.LastTerminationState = m.status.State
		m.status.RestartCount++
	}
	m.status.State = core.ContainerState{Waiting: &core.ContainerStateWaiting{Reason: reason, Message: message}}
	m.lock.Unlock()
	m.of.report()
}

// Whether one that has ended is to run again.
func (m *member) again() bool {
	failed := m.code() != 0
	switch policy := m.of.latest().Spec.RestartPolicy; m.role {
	case sidecar:
		return true
	case initial:
		return failed && policy != core.RestartPolicyNever
	default:
		return policy == core.RestartPolicyAlways || failed && policy == core.RestartPolicyOnFailure
	}
}

// The exit code, or that of one whose end nobody saw.
func (m *member) code() int32 {
	m.lock.Lock()
	defer m.lock.Unlock()
	if over := m.status.State.Terminated; over != nil {
		return over.ExitCode
	}
	return lostCode
}

func (m *member) restarts() int32 {
	m.lock.Lock()
	defer m.lock.Unlock()
	return m.status.RestartCount
}

// The container's first process; 0 if none runs.
func (m *member) pid() int {
	m.lock.Lock()
	defer m.lock.Unlock()
	if m.now == nil {
		return 0
	}
	return m.now.Pid()
}

func (m *member) kill() error {
	m.lock.Lock()
	defer m.lock.Unlock()
	if m.now == nil {
		return os.ErrProcessDone
	}
	m.now.Signal(syscall.SIGKILL)
	return nil
}
