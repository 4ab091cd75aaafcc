package pod

import (
	"context"
	"fmt"
	"os"
	"os/user"
	"path/filepath"
	"slices"
	"sort"
	"strconv"

	core "k8s.io/api/core/v1"

	"varve/kubelet/container"
	"varve/kubelet/volume"
)

// Owners of a device's node, as on a usual Linux.
const diskGroup = 6

// A container that can't be made: the reason is what its status says.
type refusal struct{ reason, message string }

func (r refusal) Error() string { return r.reason + ": " + r.message }

// What a container of the pod is given, and nothing else.
func (m *member) specification(ctx context.Context) (container.Spec, error) {
	kubelet, pod, of := m.of.kubelet, m.of.latest(), &m.container
	image := kubelet.Images[of.Image]
	if image == nil {
		return container.Spec{}, refusal{"ErrImagePull", fmt.Sprintf("failed to pull image %q: not found", of.Image)}
	}
	variables, err := kubelet.environment(ctx, pod, of)
	if err != nil {
		return container.Spec{}, refusal{"CreateContainerConfigError", err.Error()}
	}
	command := []string{}
	for _, word := range append(slices.Clone(of.Command), of.Args...) {
		command = append(command, expand(word, variables))
	}
	if len(of.Command) == 0 {
		command = append(slices.Clone(image.Entrypoint), command...)
	}
	if len(command) == 0 {
		return container.Spec{}, refusal{"CreateContainerError", "no command specified"}
	}
	secured := security(pod, of)
	who, err := secured.user()
	if err != nil {
		return container.Spec{}, refusal{"CreateContainerConfigError", err.Error()}
	}
	for name, value := range map[string]string{
		"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOSTNAME": pod.Name, "HOME": home(who.UID),
	} {
		if _, set := variables[name]; !set {
			variables[name] = value
		}
	}
	mounts, err := m.mounts(pod, image)
	if err != nil {
		return container.Spec{}, refusal{"CreateContainerError", err.Error()}
	}
	return container.Spec{
		Hostname: pod.Name, Root: filepath.Join(m.folder(), "root"), ReadOnlyRoot: secured.readOnlyRoot,
		Mounts: mounts, Devices: m.devices(who), Command: command, Environment: assignments(variables), Folder: of.WorkingDir,
		User: who, Capabilities: secured.capabilities, NoNewPrivileges: secured.noNewPrivileges,
		Limits: container.Limits{
			Name:   fmt.Sprintf("%s%s-%s-%d", kubelet.Groups(), pod.UID, of.Name, m.restarts()),
			Memory: of.Resources.Limits.Memory().Value(),
		},
	}, nil
}

func home(uid int) string {
	if found, err := user.LookupId(strconv.Itoa(uid)); err == nil {
		return found.HomeDir
	}
	return "/"
}

// Those of the image, then those of the pod, outer before inner ones.
func (m *member) mounts(pod *core.Pod, image *Image) ([]container.Mount, error) {
	mounts := []container.Mount{}
	for _, path := range basis {
		if _, err := os.Lstat(path); err == nil {
			mounts = append(mounts, container.Mount{Source: path, Target: path, ReadOnly: true})
		}
	}
	mounts = append(mounts, image.Mounts...)
	mounts = append(mounts,
		container.Mount{Source: resolved("/etc/resolv.conf"), Target: "/etc/resolv.conf", ReadOnly: true},
		container.Mount{Source: filepath.Join(m.of.folder, "hosts"), Target: "/etc/hosts"},
		container.Mount{Source: m.messageFile(), Target: m.container.TerminationMessagePath})
	declared := slices.Clone(m.container.VolumeMounts)
	sort.SliceStable(declared, func(i, j int) bool {
		return len(filepath.Clean(declared[i].MountPath)) < len(filepath.Clean(declared[j].MountPath))
	})
	for _, wanted := range declared {
		source := m.of.volumes.Source(wanted.Name)
		if source.Path == "" {
			return nil, fmt.Errorf("volume %s is not mounted", wanted.Name)
		}
		path := filepath.Join(source.Path, wanted.SubPath)
		if !within(source.Path, path) {
			return nil, fmt.Errorf("subPath %s leads out of volume %s", wanted.SubPath, wanted.Name)
		}
		if _, err := os.Lstat(path); err != nil && !source.ReadOnly {
			if err := os.MkdirAll(path, 0o755); err != nil {
				return nil, err
			}
		}
		mounts = append(mounts, container.Mount{Source: resolved(path), Target: wanted.MountPath, ReadOnly: wanted.ReadOnly || source.ReadOnly})
	}
	return mounts, nil
}

func within(folder, path string) bool {
	relative, err := filepath.Rel(folder, path)
	return err == nil && filepath.IsLocal(relative)
}

// Where a link of the host leads: the container would not find that.
func resolved(path string) string {
	if real, err := filepath.EvalSymlinks(path); err == nil {
		return real
	}
	return path
}

func (m *member) devices(who container.User) []container.Device {
	devices := []container.Device{}
	for _, wanted := range m.container.VolumeDevices {
		source := m.of.volumes.Source(wanted.Name)
		device := container.Device{Source: source.Path, Target: wanted.DevicePath, ReadOnly: source.ReadOnly, GID: diskGroup}
		if m.of.kubelet.DevicesOfUser {
			device.UID, device.GID = who.UID, who.GID
		}
		devices = append(devices, device)
	}
	return devices
}

func isSet(flag *bool) bool { return flag != nil && *flag }

// The pod's own file of hosts, as every kubelet writes one.
func hosts(pod *core.Pod) string {
	text := "127.0.0.1\tlocalhost\n::1\tlocalhost\n" + volume.IP + "\t" + pod.Name + "\n"
	for _, alias := range pod.Spec.HostAliases {
		for _, name := range alias.Hostnames {
			text += alias.IP + "\t" + name + "\n"
		}
	}
	return text
}
