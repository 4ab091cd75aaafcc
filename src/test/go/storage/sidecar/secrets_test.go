package sidecar

import (
	"testing"
)

func TestTheSecretOfASnapshotIsThatItsClassNames(t *testing.T) {
	snapshot := object(snapshots, "VolumeSnapshot", "ns", "s", map[string]any{})
	for _, c := range []struct {
		parameters map[string]any
		expected   string
		wrong      bool
	}{
		{map[string]any{}, "/", false},
		{map[string]any{secretName: "keys", secretNamespace: "storage"}, "storage/keys", false},
		{map[string]any{secretName: "of-${volumesnapshot.name}", secretNamespace: "${volumesnapshot.namespace}"}, "ns/of-s", false},
		{map[string]any{secretName: "${volumesnapshotcontent.name}", secretNamespace: "storage"}, "storage/content", false},
		{map[string]any{secretName: "keys"}, "/", true},
		{map[string]any{secretNamespace: "storage"}, "/", true},
		{map[string]any{secretName: "", secretNamespace: ""}, "/", true},
		{map[string]any{secretName: "Keys_1", secretNamespace: "storage"}, "/", true},
		{map[string]any{secretName: "keys", secretNamespace: "a.b"}, "/", true},
		{map[string]any{secretName: "keys", secretNamespace: "${volumesnapshot.name}"}, "/", true},
		{map[string]any{secretName: "${other}", secretNamespace: "storage"}, "/", true},
	} {
		class := object(snapshots, "VolumeSnapshotClass", "", "class", map[string]any{"parameters": c.parameters})
		namespace, name, err := secretOf(class, snapshot, "content")
		if namespace+"/"+name != c.expected || (err != nil) != c.wrong {
			t.Errorf("%v: expected %s, got %s/%s, %v", c.parameters, c.expected, namespace, name, err)
		}
	}
}
