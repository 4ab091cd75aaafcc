package sidecar

import (
	"context"
	"fmt"
	"os"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/validation"
)

const (
	secretName      = "csi.storage.k8s.io/snapshotter-secret-name"
	secretNamespace = "csi.storage.k8s.io/snapshotter-secret-namespace"
)

// The secrets that the snapshot's class names. There must be a class even if it names none.
func (s *Sidecar) secrets(ctx context.Context, snapshot *unstructured.Unstructured, content string) (map[string]string, error) {
	class, err := s.class(ctx, text(snapshot, "spec", "volumeSnapshotClassName"))
	if err != nil {
		return nil, err
	}
	namespace, name, err := secretOf(class, snapshot, content)
	if err != nil {
		return nil, status.Errorf(codes.Unavailable, "VolumeSnapshotClass %s: %v", class.GetName(), err)
	}
	if name == "" {
		return nil, nil
	}
	secret, err := s.kube.CoreV1().Secrets(namespace).Get(ctx, name, meta.GetOptions{})
	if err != nil {
		return nil, status.Errorf(codes.Unavailable, "Secret %s/%s of VolumeSnapshotClass %s: %v", namespace, name, class.GetName(), err)
	}
	values := map[string]string{}
	for key, value := range secret.Data {
		values[key] = string(value)
	}
	return values, nil
}

// Which secret a class means: its parameters may name the snapshot. No name means none.
func secretOf(class, snapshot *unstructured.Unstructured, content string) (namespace, name string, err error) {
	nameText, named, _ := unstructured.NestedString(class.Object, "parameters", secretName)
	namespaceText, placed, _ := unstructured.NestedString(class.Object, "parameters", secretNamespace)
	if !named && !placed {
		return "", "", nil
	}
	if nameText == "" || namespaceText == "" {
		return "", "", fmt.Errorf("a secret has %s and %s, or neither", secretName, secretNamespace)
	}
	known := map[string]string{"volumesnapshotcontent.name": content, "volumesnapshot.namespace": snapshot.GetNamespace()}
	if namespace, err = expand(namespaceText, known, validation.IsDNS1123Label); err != nil {
		return "", "", fmt.Errorf("%s: %w", secretNamespace, err)
	}
	// A snapshot's user chooses its name, and so a secret, but no namespace.
	known["volumesnapshot.name"] = snapshot.GetName()
	if name, err = expand(nameText, known, validation.IsDNS1123Subdomain); err != nil {
		return "", "", fmt.Errorf("%s: %w", secretName, err)
	}
	return namespace, name, nil
}

// The template with what is known in place of ${…}, if that gives a name.
func expand(template string, known map[string]string, problems func(string) []string) (string, error) {
	var unknown []string
	expanded := os.Expand(template, func(token string) string {
		value, has := known[token]
		if !has {
			unknown = append(unknown, token)
		}
		return value
	})
	if len(unknown) > 0 {
		return "", fmt.Errorf("%q names %q, which is not known here", template, unknown)
	}
	if wrong := problems(expanded); len(wrong) > 0 {
		return "", fmt.Errorf("%q: %v", expanded, wrong)
	}
	return expanded, nil
}
