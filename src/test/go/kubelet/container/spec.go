// Package container runs a command as a container: in namespaces of its own, on a root filesystem that has nothing but what
// it was given, with the user, the groups and the capabilities that it was given. The network is the host's.
package container

// Spec is all that a container has. The kubelet writes it, the container's first process reads it and acts on it.
type Spec struct {
	Hostname string
	// Root is an empty folder of the host; what is mounted there is seen by the container alone.
	Root         string
	ReadOnlyRoot bool
	Mounts       []Mount
	Devices      []Device
	// Command is looked for in the container's PATH.
	Command     []string
	Environment []string
	Folder      string
	User        User
	// Capabilities are the only ones that the container, or any program in it, can ever have.
	Capabilities []string
	// NoNewPrivileges keeps programs from gaining any by being executed.
	NoNewPrivileges bool
	// Limits are kept by the kernel, not by the first process.
	Limits Limits
}

// Mount shows a file or a folder of the host. A mount is below those before it in the list.
type Mount struct {
	Source   string
	Target   string
	ReadOnly bool
}

// Device is a device node of the host, under another name.
type Device struct {
	Source   string
	Target   string
	ReadOnly bool
	// UID and GID own the node in the container, whose mode is 0660.
	UID, GID int
}

// User is who a container's command runs as.
type User struct {
	UID, GID int
	Groups   []int
}

// Limits of a container.
type Limits struct {
	// Name tells the container's group of processes from others of this host.
	Name string
	// Memory in bytes; 0 is unlimited.
	Memory int64
}

// Default are the capabilities that usual container runtimes give to one that asks for nothing.
var Default = []string{
	"CHOWN", "DAC_OVERRIDE", "FSETID", "FOWNER", "MKNOD", "NET_RAW", "SETGID", "SETUID", "SETFCAP", "SETPCAP",
	"NET_BIND_SERVICE", "SYS_CHROOT", "KILL", "AUDIT_WRITE",
}
