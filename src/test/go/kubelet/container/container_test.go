package container

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

func TestMain(m *testing.M) {
	BecomeIfAsked()
	os.Exit(m.Run())
}

// A container that has the host's programs and nothing else.
func image(t *testing.T, command ...string) Spec {
	t.Helper()
	if os.Getuid() != 0 {
		t.Skip("containers need root")
	}
	spec := Spec{
		Hostname: "inside", Root: filepath.Join(t.TempDir(), "root"), Command: command,
		Environment: []string{"PATH=/usr/bin:/bin"}, Limits: Limits{Name: "varve-test-" + t.Name()},
	}
	for _, folder := range []string{"/usr", "/bin", "/lib", "/lib64", "/sbin"} {
		spec.Mounts = append(spec.Mounts, Mount{Source: folder, Target: folder, ReadOnly: true})
	}
	return spec
}

func shell(t *testing.T, script string) Spec { return image(t, "/bin/sh", "-c", script) }

func launch(t *testing.T, spec Spec) (*Container, string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "log")
	log, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	c, err := Start(spec, log)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		c.Signal(syscall.SIGKILL)
		<-c.Ended()
	})
	return c, path
}

func run(t *testing.T, spec Spec) (Exit, string) {
	t.Helper()
	c, log := launch(t, spec)
	exit := c.Exit()
	return exit, content(t, log)
}

func content(t *testing.T, path string) string {
	t.Helper()
	said, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(said)
}

func expect(t *testing.T, what string, found, expected any) {
	t.Helper()
	if fmt.Sprint(found) != fmt.Sprint(expected) {
		t.Errorf("%s is %v, not %v", what, found, expected)
	}
}

func TestAContainerSeesItselfAlone(t *testing.T) {
	t.Setenv("SECRET", "of the kubelet")
	exit, said := run(t, shell(t, `echo $$; hostname; ls /; ls -1 /dev; ls -d /proc/[0-9]*; env; ls /proc/self/fd; exit 3`))
	expect(t, "exit code", exit.Code, 3)
	expect(t, "output", strings.Fields(said), strings.Fields(`1 inside
		bin dev home lib lib64 proc root run sbin sys tmp usr var
		fd full null random shm stderr stdin stdout urandom zero
		/proc/1 PATH=/usr/bin:/bin PWD=/ 0 1 2 3`))
}

func TestNeitherUserNorRootHasACapabilityThatWasDropped(t *testing.T) {
	for _, user := range []User{{}, {UID: 1000, GID: 1001, Groups: []int{6, 2000}}} {
		spec := shell(t, `id -u; id -G; grep -E '^(Cap|NoNew)' /proc/self/status; mknod /tmp/x b 7 0 2>/dev/null || echo refused`)
		spec.User, spec.NoNewPrivileges = user, true
		_, said := run(t, spec)
		if strings.Count(said, "0000000000000000") != 5 || !strings.Contains(said, "NoNewPrivs:\t1") || !strings.Contains(said, "refused") {
			t.Errorf("as %v: %s", user, said)
		}
		if user.UID != 0 && !strings.HasPrefix(said, "1000\n1001 6 2000\n") {
			t.Errorf("as %v: %s", user, said)
		}
	}
	spec := shell(t, `grep -E '^CapEff' /proc/self/status`)
	spec.Capabilities = Default
	_, said := run(t, spec)
	// What containerd gives by default.
	expect(t, "capabilities", strings.Fields(said)[1], "00000000a80425fb")
}

func TestAReadOnlyRootCanBeWrittenOnlyWhereSomethingIsMounted(t *testing.T) {
	folder := t.TempDir()
	spec := shell(t, `for f in / /tmp /usr /data /config /dev/shm; do touch $f/x 2>/dev/null && echo $f; done`)
	spec.ReadOnlyRoot = true
	spec.Mounts = append(spec.Mounts, Mount{Source: folder, Target: "/data"}, Mount{Source: t.TempDir(), Target: "/config", ReadOnly: true})
	_, said := run(t, spec)
	expect(t, "what can be written", strings.Fields(said), []string{"/data", "/dev/shm"})
	if _, err := os.Stat(filepath.Join(folder, "x")); err != nil {
		t.Error(err)
	}
}

func TestOnlyTheDeviceThatWasGivenCanBeOpened(t *testing.T) {
	device, other := loop(t, "first"), loop(t, "second")
	spec := shell(t, fmt.Sprintf(`
		head -c 5 /dev/data/volume; echo; head -c 5 /elsewhere; echo; ls -ln /dev/data/volume
		mknod /dev/second b $(cat /sys/block/%s/dev | tr : ' ') && head -c 6 /dev/second
		mknod /tmp/first b $(cat /sys/block/%s/dev | tr : ' ') && head -c 5 /tmp/first
		echo x > /elsewhere
		head -c 1 /dev/loop-control; mount -t devtmpfs none /tmp; :`, filepath.Base(other), filepath.Base(device)))
	for _, target := range []string{"/dev/data/volume", "/elsewhere"} {
		spec.Devices = append(spec.Devices, Device{Source: device, Target: target, GID: 6, ReadOnly: true})
	}
	spec.Capabilities = Default
	_, said := run(t, spec)
	if strings.Count(said, "first\n") != 2 || !strings.Contains(said, "brw-rw---- 1 0 6") {
		t.Error(said)
	}
	if !slices.Contains(Enforced(), "devices") {
		t.Skip("this host lets nobody restrict devices: ", said)
	}
	if strings.Contains(said, "second\n") || strings.Count(said, "Operation not permitted") < 2 || content(t, device)[:5] != "first" {
		t.Error(said)
	}
}

// A loop device of one block.
func loop(t *testing.T, text string) string {
	t.Helper()
	control, err := os.Open("/dev/loop-control")
	if err != nil {
		t.Skip("no loop devices: ", err)
	}
	defer control.Close()
	image, err := os.Create(filepath.Join(t.TempDir(), text))
	if err == nil {
		err = errors.Join(image.Truncate(4096), func() error { _, err := image.WriteString(text); return err }())
	}
	if err != nil {
		t.Fatal(err)
	}
	defer image.Close()
	for range 20 {
		number, err := unix.IoctlRetInt(int(control.Fd()), unix.LOOP_CTL_GET_FREE)
		if err != nil {
			t.Fatal(err)
		}
		name := fmt.Sprintf("/dev/loop%d", number)
		device, err := os.OpenFile(name, os.O_RDWR, 0)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			_ = unix.IoctlSetInt(int(device.Fd()), unix.LOOP_CLR_FD, 0)
			device.Close()
		})
		if unix.IoctlSetInt(int(device.Fd()), unix.LOOP_SET_FD, int(image.Fd())) == nil {
			return name
		}
	}
	t.Fatal("no loop device is free")
	return ""
}

func TestTheFirstProcessIgnoresWhatItDoesNotHandle(t *testing.T) {
	c, log := launch(t, shell(t, `trap 'echo asked; exit 7' TERM; echo up; while :; do sleep 0.05; done`))
	until(t, "the container to be up", func() bool { return strings.Contains(content(t, log), "up") })
	c.Signal(syscall.SIGTERM)
	expect(t, "exit code", c.Exit().Code, 7)
	expect(t, "output", content(t, log), "up\nasked\n")

	deaf, _ := launch(t, image(t, "sleep", "1000"))
	deaf.Signal(syscall.SIGTERM)
	select {
	case <-deaf.Ended():
		t.Error("a first process without a handler ended on SIGTERM")
	case <-time.After(300 * time.Millisecond):
	}
	deaf.Signal(syscall.SIGKILL)
	expect(t, "exit code", deaf.Exit().Code, 137)
}

func TestTheMemoryOfAContainerIsLimited(t *testing.T) {
	if !slices.Contains(Enforced(), "memory") {
		t.Skip("this host lets nobody limit memory")
	}
	spec := shell(t, `cat /sys/fs/cgroup/memory/memory.limit_in_bytes; exec head -c 100000000 /dev/zero >/tmp/file`)
	spec.Limits.Memory = 32 << 20 // The file on the root counts.
	exit, said := run(t, spec)
	expect(t, "exit code", exit.Code, 137)
	expect(t, "out of memory", exit.OutOfMemory, true)
	expect(t, "limit", strings.TrimSpace(said), 32<<20)
}

func TestACommandThatIsAbsentIsNamed(t *testing.T) {
	log, err := os.Create(filepath.Join(t.TempDir(), "log"))
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	_, err = Start(image(t, "no-such-command"), log)
	if err == nil || !strings.Contains(err.Error(), `"no-such-command": executable file not found in $PATH`) {
		t.Error(err)
	}
}

func until(t *testing.T, what string, is func() bool) {
	t.Helper()
	for range 1000 {
		if is() {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatal("waited in vain for ", what)
}
