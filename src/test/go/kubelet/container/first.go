package container

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"os/exec"
	"runtime"
	"strings"

	"golang.org/x/sys/unix"
)

// The argument by which the kubelet's program knows that it is to become a container.
const firstProcess = "container-first-process"

// The files that the first process inherits: its Spec, and where it says why it can't become the command.
const (
	specFile  = 3
	errorFile = 4
)

// BecomeIfAsked turns a process that Start made into the container's command, and does not return then. Programs that start
// containers call it before all else.
func BecomeIfAsked() {
	if len(os.Args) != 2 || os.Args[1] != firstProcess {
		return
	}
	// User, capabilities and the like belong to a thread. The one that executes the command is what is left of us.
	runtime.LockOSThread()
	err := act(os.NewFile(specFile, "spec"))
	fmt.Fprint(os.NewFile(errorFile, "error"), err)
	os.Exit(1)
}

func act(from *os.File) error {
	var spec Spec
	if err := json.NewDecoder(from).Decode(&spec); err != nil {
		return fmt.Errorf("read the specification: %w", err)
	}
	// Also what the kubelet itself inherited stays outside.
	if err := unix.CloseRange(specFile, math.MaxUint32, unix.CLOSE_RANGE_CLOEXEC); err != nil {
		return fmt.Errorf("keep files out: %w", err)
	}
	unix.Umask(0)
	if err := enter(&spec); err != nil {
		return err
	}
	unix.Umask(0o022)
	if err := unix.Sethostname([]byte(spec.Hostname)); err != nil {
		return err
	}
	// The host's root may have keys in its session.
	if _, err := unix.KeyctlInt(unix.KEYCTL_JOIN_SESSION_KEYRING, 0, 0, 0, 0); err != nil && err != unix.ENOSYS {
		return fmt.Errorf("leave the session's keys: %w", err)
	}
	program, err := find(spec.Command[0], spec.Environment)
	if err != nil {
		return err
	}
	if err := become(spec.User, spec.Capabilities); err != nil {
		return err
	}
	if spec.NoNewPrivileges {
		if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
			return err
		}
	}
	// The node is what dies with the kubelet's process. Another user forgets this, so that it comes last.
	if err := unix.Prctl(unix.PR_SET_PDEATHSIG, uintptr(unix.SIGKILL), 0, 0, 0); err != nil {
		return err
	}
	return fmt.Errorf("%s: %w", program, unix.Exec(program, spec.Command, spec.Environment))
}

// A command without a slash is one in the container's own PATH.
func find(command string, environment []string) (string, error) {
	for _, variable := range environment {
		if path, is := strings.CutPrefix(variable, "PATH="); is {
			os.Setenv("PATH", path)
		}
	}
	return exec.LookPath(command)
}
