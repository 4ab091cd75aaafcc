package volume

import (
	"context"
	"errors"
	"fmt"

	core "k8s.io/api/core/v1"
	problem "k8s.io/apimachinery/pkg/api/errors"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
)

func isPayload(volume core.Volume) bool {
	return volume.Secret != nil || volume.ConfigMap != nil || volume.DownwardAPI != nil || volume.Projected != nil
}

// The files of a volume that is made of API objects.
func (s *Set) payload(ctx context.Context, pod *core.Pod, volume core.Volume) (payload, error) {
	ctx, cancel := context.WithTimeout(ctx, requestLimit)
	defer cancel()
	made := payload{files: map[string]file{}, group: fsGroup(pod)}
	var files map[string]file
	var err error
	switch {
	case volume.Secret != nil:
		from := volume.Secret
		files, err = s.secret(ctx, pod, from.SecretName, items{from.Items, modeOf(from.DefaultMode), isSet(from.Optional)})
	case volume.ConfigMap != nil:
		from := volume.ConfigMap
		files, err = s.configMap(ctx, pod, from.Name, items{from.Items, modeOf(from.DefaultMode), isSet(from.Optional)})
	case volume.DownwardAPI != nil:
		files, err = downward(pod, volume.DownwardAPI.Items, modeOf(volume.DownwardAPI.DefaultMode))
	case volume.Projected != nil:
		for _, source := range volume.Projected.Sources {
			if files, err = s.projection(ctx, pod, volume.Name, source, modeOf(volume.Projected.DefaultMode)); err != nil {
				return made, err
			}
			if err = made.add(files); err != nil {
				return made, err
			}
		}
		return made, nil
	default:
		err = errors.New("this kubelet has no volumes of its kind")
	}
	if err != nil {
		return made, err
	}
	return made, made.add(files)
}

func (s *Set) projection(ctx context.Context, pod *core.Pod, volume string, from core.VolumeProjection, mode int32) (map[string]file, error) {
	switch {
	case from.Secret != nil:
		return s.secret(ctx, pod, from.Secret.Name, items{from.Secret.Items, mode, isSet(from.Secret.Optional)})
	case from.ConfigMap != nil:
		return s.configMap(ctx, pod, from.ConfigMap.Name, items{from.ConfigMap.Items, mode, isSet(from.ConfigMap.Optional)})
	case from.DownwardAPI != nil:
		return downward(pod, from.DownwardAPI.Items, mode)
	case from.ServiceAccountToken != nil:
		return s.token(ctx, pod, volume, from.ServiceAccountToken)
	default:
		return nil, errors.New("this kubelet has no projections of its kind")
	}
}

// Which keys of an object become files, and where; all by their own names if none is listed.
type items struct {
	listed   []core.KeyToPath
	mode     int32
	optional bool
}

func (s *Set) secret(ctx context.Context, pod *core.Pod, name string, wanted items) (map[string]file, error) {
	secret, err := s.host.Kube.CoreV1().Secrets(pod.Namespace).Get(ctx, name, meta.GetOptions{})
	if err != nil {
		return wanted.absent(err)
	}
	return wanted.of("Secret "+name, secret.Data)
}

func (s *Set) configMap(ctx context.Context, pod *core.Pod, name string, wanted items) (map[string]file, error) {
	config, err := s.host.Kube.CoreV1().ConfigMaps(pod.Namespace).Get(ctx, name, meta.GetOptions{})
	if err != nil {
		return wanted.absent(err)
	}
	data := map[string][]byte{}
	for key, text := range config.Data {
		data[key] = []byte(text)
	}
	for key, bytes := range config.BinaryData {
		data[key] = bytes
	}
	return wanted.of("ConfigMap "+name, data)
}

func (i items) absent(err error) (map[string]file, error) {
	if i.optional && problem.IsNotFound(err) {
		return nil, nil
	}
	return nil, err
}

func (i items) of(object string, data map[string][]byte) (map[string]file, error) {
	files := map[string]file{}
	if len(i.listed) == 0 {
		for key, content := range data {
			files[key] = file{content, i.mode, -1}
		}
		return files, nil
	}
	for _, item := range i.listed {
		content, found := data[item.Key]
		if !found && !i.optional {
			return nil, fmt.Errorf("references non-existent secret or config key: %s of %s", item.Key, object)
		}
		if found {
			mode := i.mode
			if item.Mode != nil {
				mode = *item.Mode
			}
			files[item.Path] = file{content, mode, -1}
		}
	}
	return files, nil
}

func modeOf(mode *int32) int32 {
	if mode == nil {
		return defaultMode
	}
	return *mode
}

func isSet(flag *bool) bool { return flag != nil && *flag }
