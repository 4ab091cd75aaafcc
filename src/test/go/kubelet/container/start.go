package container

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"syscall"
	"time"
)

// Container is one that was started. Safe for many goroutines.
type Container struct {
	Started time.Time
	process *os.Process
	group   *group
	ended   chan struct{}
	exit    Exit
}

// Exit is how a container ended.
type Exit struct {
	// Code is 128 and the signal's number if a signal ended it.
	Code int32
	// OutOfMemory says that the kernel killed a process of it for its memory.
	OutOfMemory bool
	Ended       time.Time
}

// Processes are told of the death of the thread that made them, not of their program's. So one thread makes all, and it
// lives as long as the program.
var onOneThread = func() chan<- func() {
	work := make(chan func())
	go func() {
		runtime.LockOSThread()
		for do := range work {
			do()
		}
	}()
	return work
}()

// Start runs a container, which prints to log. An error says why its command could not be executed.
func Start(spec Spec, log *os.File) (*Container, error) {
	limits, err := newGroup(&spec)
	if err != nil {
		return nil, err
	}
	started, err := start(spec, log, limits)
	if err != nil {
		return nil, errors.Join(err, limits.remove())
	}
	return started, nil
}

func start(spec Spec, log *os.File, limits *group) (*Container, error) {
	if err := os.MkdirAll(spec.Root, 0o700); err != nil {
		return nil, err
	}
	specRead, specWrite, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer specRead.Close()
	defer specWrite.Close()
	errorRead, errorWrite, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer errorRead.Close()
	command := exec.Command("/proc/self/exe", firstProcess)
	command.Env = []string{}
	command.Stdout, command.Stderr = log, log
	command.ExtraFiles = []*os.File{specRead, errorWrite}
	command.SysProcAttr = &syscall.SysProcAttr{
		Setsid:     true,
		Cloneflags: syscall.CLONE_NEWNS | syscall.CLONE_NEWPID | syscall.CLONE_NEWIPC | syscall.CLONE_NEWUTS,
	}
	started := make(chan error)
	onOneThread <- func() { started <- command.Start() }
	err = <-started
	errorWrite.Close()
	if err != nil {
		return nil, fmt.Errorf("make the container's first process: %w", err)
	}
	// It waits for its specification, so that it is in its group before it does anything.
	err = limits.add(command.Process.Pid)
	if err == nil {
		err = json.NewEncoder(specWrite).Encode(spec)
	}
	specWrite.Close()
	said, _ := io.ReadAll(errorRead)
	if err == nil && len(said) > 0 {
		err = errors.New(string(said))
	}
	if err != nil {
		_ = command.Process.Kill()
		_ = command.Wait()
		return nil, err
	}
	c := &Container{Started: time.Now(), process: command.Process, group: limits, ended: make(chan struct{})}
	go c.wait(command)
	return c, nil
}

func (c *Container) wait(command *exec.Cmd) {
	_ = command.Wait()
	c.exit.Ended = time.Now()
	status := command.ProcessState.Sys().(syscall.WaitStatus)
	c.exit.Code = int32(status.ExitStatus())
	if status.Signaled() {
		c.exit.Code = 128 + int32(status.Signal())
	}
	c.exit.OutOfMemory = c.exit.Code != 0 && c.group.wasOutOfMemory()
	if err := c.group.remove(); err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
	close(c.ended)
}

// Pid is that of the first process, as the host counts.
func (c *Container) Pid() int { return c.process.Pid }

// Ended is closed when no process of the container is left.
func (c *Container) Ended() <-chan struct{} { return c.ended }

// Exit waits for the end.
func (c *Container) Exit() Exit {
	<-c.ended
	return c.exit
}

// Signal sends one to the first process, which by default ignores all but SIGKILL. With it all others end.
func (c *Container) Signal(signal syscall.Signal) { _ = c.process.Signal(signal) }
