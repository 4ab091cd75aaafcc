package volume

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	core "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
)

func downward(pod *core.Pod, wanted []core.DownwardAPIVolumeFile, mode int32) (map[string]file, error) {
	files := map[string]file{}
	for _, item := range wanted {
		var text string
		var err error
		if item.FieldRef != nil {
			text, err = Field(pod, item.FieldRef.FieldPath)
		} else {
			text, err = Resource(pod, item.ResourceFieldRef, item.ResourceFieldRef.ContainerName)
		}
		if err != nil {
			return nil, err
		}
		own := mode
		if item.Mode != nil {
			own = *item.Mode
		}
		files[item.Path] = file{[]byte(text), own, -1}
	}
	return files, nil
}

// Field is what the downward API says of a pod under a path.
func Field(pod *core.Pod, path string) (string, error) {
	if name, key, is := strings.Cut(path, "['"); is {
		key = strings.TrimSuffix(key, "']")
		switch name {
		case "metadata.labels":
			return pod.Labels[key], nil
		case "metadata.annotations":
			return pod.Annotations[key], nil
		}
	}
	switch path {
	case "metadata.name":
		return pod.Name, nil
	case "metadata.namespace":
		return pod.Namespace, nil
	case "metadata.uid":
		return string(pod.UID), nil
	case "metadata.labels":
		return lines(pod.Labels), nil
	case "metadata.annotations":
		return lines(pod.Annotations), nil
	case "spec.nodeName":
		return pod.Spec.NodeName, nil
	case "spec.serviceAccountName":
		return pod.Spec.ServiceAccountName, nil
	case "status.hostIP", "status.hostIPs":
		return IP, nil
	case "status.podIP", "status.podIPs":
		return IP, nil
	}
	return "", fmt.Errorf("unsupported fieldPath: %s", path)
}

// IP is that of each node and of each pod: they are processes of one host, on its loopback network.
const IP = "127.0.0.1"

func lines(values map[string]string) string {
	text := []string{}
	for _, key := range slices.Sorted(maps.Keys(values)) {
		text = append(text, fmt.Sprintf("%s=%q", key, values[key]))
	}
	return strings.Join(text, "\n")
}

// Resource is what a container may use or has asked for, in the selector's unit.
func Resource(pod *core.Pod, wanted *core.ResourceFieldSelector, container string) (string, error) {
	for _, candidate := range append(append([]core.Container{}, pod.Spec.InitContainers...), pod.Spec.Containers...) {
		if candidate.Name != container {
			continue
		}
		kind, name, _ := strings.Cut(wanted.Resource, ".")
		amounts := candidate.Resources.Requests
		if kind == "limits" {
			amounts = candidate.Resources.Limits
		}
		amount, limited := amounts[core.ResourceName(name)]
		if !limited && kind == "limits" {
			return "", fmt.Errorf("container %s has no %s, and this kubelet does not say what its node has", container, wanted.Resource)
		}
		return inUnits(amount, wanted.Divisor, name), nil
	}
	return "", fmt.Errorf("there is no container %s", container)
}

// Rounded up, as kubelets do.
func inUnits(amount, unit resource.Quantity, name string) string {
	if unit.IsZero() {
		unit = resource.MustParse("1")
	}
	if name == "cpu" {
		return fmt.Sprint((amount.MilliValue() + unit.MilliValue() - 1) / unit.MilliValue())
	}
	return fmt.Sprint((amount.Value() + unit.Value() - 1) / unit.Value())
}
