package pod

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	core "k8s.io/api/core/v1"
	problem "k8s.io/apimachinery/pkg/api/errors"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"

	"varve/kubelet/volume"
)

// The variables of a container, by name. Every container is told where the API server is; that is no credential.
func (k *Kubelet) environment(ctx context.Context, pod *core.Pod, of *core.Container) (map[string]string, error) {
	host, port, _ := strings.Cut(k.APIServer, ":")
	found := map[string]string{"KUBERNETES_SERVICE_HOST": host, "KUBERNETES_SERVICE_PORT": port, "KUBERNETES_SERVICE_PORT_HTTPS": port}
	for _, from := range of.EnvFrom {
		all := map[string]string{}
		var err error
		if from.SecretRef != nil {
			all, err = k.secret(ctx, pod, from.SecretRef.Name, from.SecretRef.Optional)
		} else if from.ConfigMapRef != nil {
			all, err = k.configMap(ctx, pod, from.ConfigMapRef.Name, from.ConfigMapRef.Optional)
		}
		if err != nil {
			return nil, err
		}
		for key, value := range all {
			found[from.Prefix+key] = value
		}
	}
	for _, variable := range of.Env {
		value, set := expand(variable.Value, found), true
		if variable.ValueFrom != nil {
			var err error
			if value, set, err = k.valueFrom(ctx, pod, of, variable.ValueFrom); err != nil {
				return nil, err
			}
		}
		if set {
			found[variable.Name] = value
		}
	}
	return found, nil
}

func (k *Kubelet) valueFrom(ctx context.Context, pod *core.Pod, of *core.Container, from *core.EnvVarSource) (value string, set bool, err error) {
	switch {
	case from.FieldRef != nil:
		value, err = volume.Field(pod, from.FieldRef.FieldPath)
		return value, true, err
	case from.ResourceFieldRef != nil:
		container := from.ResourceFieldRef.ContainerName
		if container == "" {
			container = of.Name
		}
		value, err = volume.Resource(pod, from.ResourceFieldRef, container)
		return value, true, err
	case from.SecretKeyRef != nil:
		ref := from.SecretKeyRef
		data, err := k.secret(ctx, pod, ref.Name, ref.Optional)
		return key(data, err, ref.Key, "Secret "+pod.Namespace+"/"+ref.Name, ref.Optional)
	case from.ConfigMapKeyRef != nil:
		ref := from.ConfigMapKeyRef
		data, err := k.configMap(ctx, pod, ref.Name, ref.Optional)
		return key(data, err, ref.Key, "ConfigMap "+pod.Namespace+"/"+ref.Name, ref.Optional)
	}
	return "", false, fmt.Errorf("this kubelet has no variables of the kind %v", from)
}

func key(data map[string]string, err error, key, object string, optional *bool) (string, bool, error) {
	value, found := data[key]
	if err == nil && !found && (optional == nil || !*optional) {
		err = fmt.Errorf("couldn't find key %s in %s", key, object)
	}
	return value, found, err
}

func (k *Kubelet) secret(ctx context.Context, pod *core.Pod, name string, optional *bool) (map[string]string, error) {
	secret, err := k.Host.Kube.CoreV1().Secrets(pod.Namespace).Get(ctx, name, meta.GetOptions{})
	if err != nil {
		return nil, unless(optional, err)
	}
	data := map[string]string{}
	for key, value := range secret.Data {
		data[key] = string(value)
	}
	return data, nil
}

func (k *Kubelet) configMap(ctx context.Context, pod *core.Pod, name string, optional *bool) (map[string]string, error) {
	config, err := k.Host.Kube.CoreV1().ConfigMaps(pod.Namespace).Get(ctx, name, meta.GetOptions{})
	if err != nil {
		return nil, unless(optional, err)
	}
	return config.Data, nil
}

func unless(optional *bool, err error) error {
	if optional != nil && *optional && problem.IsNotFound(err) {
		return nil
	}
	return err
}

func assignments(variables map[string]string) []string {
	lines := []string{}
	for _, name := range slices.Sorted(maps.Keys(variables)) {
		lines = append(lines, name+"="+variables[name])
	}
	return lines
}

// Replaces $(NAME) by the variable if there is one, and $$ by $.
func expand(text string, variables map[string]string) string {
	var out strings.Builder
	for {
		before, after, found := strings.Cut(text, "$")
		out.WriteString(before)
		if !found {
			return out.String()
		}
		text = after
		if rest, doubled := strings.CutPrefix(after, "$"); doubled {
			out.WriteByte('$')
			text = rest
			continue
		}
		if inner, named := strings.CutPrefix(after, "("); named {
			name, rest, closed := strings.Cut(inner, ")")
			if value, is := variables[name]; closed && is {
				out.WriteString(value)
				text = rest
				continue
			}
		}
		out.WriteByte('$')
	}
}
