package container

import (
	"fmt"
	"slices"
	"strings"

	"golang.org/x/sys/unix"
)

// The kernel's numbers of them are the places in this list.
var names = strings.Fields(`CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID KILL SETGID SETUID SETPCAP LINUX_IMMUTABLE
	NET_BIND_SERVICE NET_BROADCAST NET_ADMIN NET_RAW IPC_LOCK IPC_OWNER SYS_MODULE SYS_RAWIO SYS_CHROOT SYS_PTRACE SYS_PACCT
	SYS_ADMIN SYS_BOOT SYS_NICE SYS_RESOURCE SYS_TIME SYS_TTY_CONFIG MKNOD LEASE AUDIT_WRITE AUDIT_CONTROL SETFCAP
	MAC_OVERRIDE MAC_ADMIN SYSLOG WAKE_ALARM BLOCK_SUSPEND AUDIT_READ PERFMON BPF CHECKPOINT_RESTORE`)

// All are the capabilities that there are.
func All() []string { return slices.Clone(names) }

// Takes the user, and loses every capability but those that are kept. Holds for the calling thread, and so for the program
// that this thread becomes.
func become(user User, kept []string) error {
	for number, name := range names {
		if slices.Contains(kept, name) {
			continue
		}
		// A kernel that is older than the list does not know the last ones.
		if err := unix.Prctl(unix.PR_CAPBSET_DROP, uintptr(number), 0, 0, 0); err != nil && err != unix.EINVAL {
			return fmt.Errorf("drop %s: %w", name, err)
		}
	}
	if err := unix.Setgroups(user.Groups); err != nil {
		return fmt.Errorf("groups %v: %w", user.Groups, err)
	}
	if err := unix.Setresgid(user.GID, user.GID, user.GID); err != nil {
		return fmt.Errorf("group %d: %w", user.GID, err)
	}
	if err := unix.Prctl(unix.PR_CAP_AMBIENT, unix.PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0); err != nil {
		return fmt.Errorf("ambient capabilities: %w", err)
	}
	if err := unix.Setresuid(user.UID, user.UID, user.UID); err != nil {
		return fmt.Errorf("user %d: %w", user.UID, err)
	}
	if user.UID != 0 {
		kept = nil
	}
	return setCapabilities(kept)
}

// None is inheritable: what a program has comes from the bounding set alone, and only for root.
func setCapabilities(kept []string) error {
	header := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	var data [2]unix.CapUserData
	for number, name := range names {
		if slices.Contains(kept, name) {
			data[number/32].Permitted |= 1 << (number % 32)
			data[number/32].Effective |= 1 << (number % 32)
		}
	}
	if err := unix.Capset(&header, &data[0]); err != nil {
		return fmt.Errorf("capabilities %v: %w", kept, err)
	}
	return nil
}
