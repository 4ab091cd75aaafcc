package volume

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"

	core "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
)

func files(texts map[string]string) payload {
	made := payload{files: map[string]file{}}
	for name, text := range texts {
		made.files[name] = file{[]byte(text), 0o640, -1}
	}
	return made
}

func TestFilesAreReplacedAllAtOnceAndOldOnesGo(t *testing.T) {
	at := filepath.Join(t.TempDir(), "volume")
	if err := files(map[string]string{"a": "1", "deep/b": "1"}).write(at); err != nil {
		t.Fatal(err)
	}
	before, _ := os.Readlink(filepath.Join(at, current))
	if err := files(map[string]string{"a": "1", "deep/b": "1"}).write(at); err != nil {
		t.Fatal(err)
	}
	if same, _ := os.Readlink(filepath.Join(at, current)); same != before {
		t.Error("files that did not change were written again")
	}
	if err := files(map[string]string{"a": "2", "c": "2"}).write(at); err != nil {
		t.Fatal(err)
	}
	entries, err := os.ReadDir(at)
	if err != nil || len(entries) != 4 {
		t.Errorf("in the volume are %v: %v", entries, err)
	}
	for _, name := range []string{"a", "c"} {
		if text, err := os.ReadFile(filepath.Join(at, name)); err != nil || string(text) != "2" {
			t.Errorf("%s has %q: %v", name, text, err)
		}
	}
	if info, err := os.Stat(filepath.Join(at, "a")); err != nil || info.Mode() != 0o640 {
		t.Errorf("%v: %v", info, err)
	}
}

func TestTwoSourcesOfOneFileAreRefused(t *testing.T) {
	made := files(map[string]string{"a": "1"})
	if err := made.add(files(map[string]string{"a": "2"}).files); err == nil {
		t.Error("one file was replaced by another")
	}
}

func TestAVolumeForOnePodIsInUseUntilItGivesItBack(t *testing.T) {
	reports := []string{}
	failing := error(nil)
	use := NewInUse(func(_ context.Context, status []byte) error {
		reports = append(reports, string(status))
		return failing
	})
	add := func(pod types.UID, alone bool) error { return use.Add(t.Context(), "v", pod, alone) }
	if err := errors.Join(add("first", true), add("first", true)); err != nil {
		t.Error(err)
	}
	if add("second", true) == nil {
		t.Error("a second pod uses a volume that is one pod's alone")
	}
	failing = errors.New("API server is gone")
	if use.Remove(t.Context(), "v", "first") == nil || add("second", true) == nil {
		t.Error("a volume is free before the API server knows it")
	}
	failing = nil
	if err := errors.Join(use.Remove(t.Context(), "v", "first"), add("second", true), use.Remove(t.Context(), "v", "second")); err != nil {
		t.Error(err)
	}
	in, out := `{"status":{"volumesInUse":["v"]}}`, `{"status":{"volumesInUse":[]}}`
	if !slices.Equal(reports, []string{in, out, out, in, out}) {
		t.Error(reports)
	}
}

func TestFieldsAndResourcesAreSaidAsKubeletsSayThem(t *testing.T) {
	limits := core.ResourceList{core.ResourceMemory: resource.MustParse("1025Mi"), core.ResourceCPU: resource.MustParse("1500m")}
	pod := &core.Pod{
		ObjectMeta: meta.ObjectMeta{Name: "p", Labels: map[string]string{"a/b": "c", "d": `e"`}},
		Spec:       core.PodSpec{Containers: []core.Container{{Name: "main", Resources: core.ResourceRequirements{Limits: limits}}}},
	}
	for path, expected := range map[string]string{"metadata.name": "p", "metadata.labels['a/b']": "c", "metadata.labels": "a/b=\"c\"\nd=\"e\\\"\""} {
		if found, err := Field(pod, path); err != nil || found != expected {
			t.Errorf("%s is %q: %v", path, found, err)
		}
	}
	if _, err := Field(pod, "spec.secrets"); err == nil {
		t.Error("a field that there is not was found")
	}
	for name, expected := range map[string]string{"limits.memory": "2", "limits.cpu": "2"} {
		unit := map[string]string{"limits.memory": "1Gi", "limits.cpu": "1"}[name]
		wanted := &core.ResourceFieldSelector{Resource: name, Divisor: resource.MustParse(unit)}
		if found, err := Resource(pod, wanted, "main"); err != nil || found != expected {
			t.Errorf("%s is %q: %v", name, found, err)
		}
	}
}
