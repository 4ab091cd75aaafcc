package pod

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	core "k8s.io/api/core/v1"

	"varve/kubelet/container"
	"varve/kubelet/volume"
)

func TestReferencesToVariablesAreReplaced(t *testing.T) {
	variables := map[string]string{"A": "1", "B": "$(A)"}
	for text, expected := range map[string]string{
		"$(A)": "1", "x$(A)y$(B)": "x1y$(A)", "$$(A)": "$(A)", "$(C)": "$(C)", "$A $( $": "$A $( $", "$$$(A)": "$1",
	} {
		if found := expand(text, variables); found != expected {
			t.Errorf("%s becomes %s", text, found)
		}
	}
}

func TestWhatIsDroppedIsNotHadUnlessItIsAdded(t *testing.T) {
	for _, one := range []struct {
		drop, add []core.Capability
		expected  []string
	}{
		{nil, nil, container.Default},
		{[]core.Capability{"ALL"}, nil, nil},
		{[]core.Capability{"ALL"}, []core.Capability{"CHOWN"}, []string{"CHOWN"}},
		{nil, []core.Capability{"ALL"}, container.All()},
	} {
		if found := capabilities(&core.Capabilities{Drop: one.drop, Add: one.add}); !slices.Equal(found, one.expected) {
			t.Errorf("drop %v, add %v: %v", one.drop, one.add, found)
		}
	}
}

func TestTheContainersUserIsBeforeThePods(t *testing.T) {
	id := func(number int64) *int64 { return &number }
	yes := true
	pod := &core.Pod{Spec: core.PodSpec{SecurityContext: &core.PodSecurityContext{
		RunAsUser: id(4000000), SupplementalGroups: []int64{7}, FSGroup: id(8), RunAsNonRoot: &yes,
	}}}
	who, err := security(pod, &core.Container{}).user()
	if err != nil || who.UID != 4000000 || who.GID != 0 || !slices.Equal(who.Groups, []int{7, 8}) {
		t.Errorf("%v: %v", who, err)
	}
	if _, err := security(pod, &core.Container{SecurityContext: &core.SecurityContext{RunAsUser: id(0)}}).user(); err == nil {
		t.Error("root runs a container that is not to run as root")
	}
	if _, err := security(pod, &core.Container{SecurityContext: &core.SecurityContext{Privileged: &yes}}).user(); err == nil {
		t.Error("a privileged container runs")
	}
}

func TestTheLastWordIsThatOfTheFileOrElseTheEndOfTheLog(t *testing.T) {
	kubelet := &Kubelet{Logs: t.TempDir()}
	m := &member{of: &worker{kubelet: kubelet, folder: t.TempDir(), pod: &core.Pod{}}, container: core.Container{Name: "main"}}
	log, err := m.openLog()
	if err == nil {
		err = m.makeMessageFile()
	}
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	for i := range 100 {
		fmt.Fprintln(log, i)
	}
	if said := m.message(true, true); !strings.HasPrefix(said, "20\n") || !strings.HasSuffix(said, "\n99\n") {
		t.Errorf("the last 80 lines are %q", said)
	}
	if said := m.message(false, true) + m.message(true, false); said != "" {
		t.Errorf("nobody asked for the log: %q", said)
	}
	fmt.Fprint(log, strings.Repeat("x", 5000))
	if said := m.message(true, true); said != strings.Repeat("x", messageOfLog) {
		t.Errorf("the end of a long line is %q", said)
	}
	if err := os.WriteFile(filepath.Join(m.folder(), "message"), []byte(strings.Repeat("y", 5000)), 0o600); err != nil {
		t.Fatal(err)
	}
	if said := m.message(true, true); said != strings.Repeat("y", messageBytes) {
		t.Errorf("the file has %q", said)
	}
}

func TestClustersOfOneHostDoNotShareGroups(t *testing.T) {
	of := func(node, root string) string {
		return (&Kubelet{Host: &volume.Host{Node: node, Root: root}}).Groups()
	}
	if of("node", "/a") == of("node", "/b") || of("node", "/a") == of("other", "/a") {
		t.Error("another node has the same groups")
	}
	if of("node", "/a") != of("node", "/a") {
		t.Error("what follows a kubelet that was killed does not know its groups")
	}
}
