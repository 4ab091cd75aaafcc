package pod

import (
	"net/http"
	"os"

	"varve/kubelet/container"
	"varve/kubelet/control"
)

// Routes are what a test asks of the kubelet, and tells it: README.md.
func (k *Kubelet) Routes() http.Handler {
	routes := http.NewServeMux()
	routes.Handle("/behaviour", k.Faults)
	routes.HandleFunc("GET /enforced", func(out http.ResponseWriter, _ *http.Request) { control.Write(out, container.Enforced()) })
	routes.HandleFunc("GET /containers", func(out http.ResponseWriter, _ *http.Request) { control.Write(out, k.list()) })
	routes.HandleFunc("POST /kill/{namespace}/{pod}/{container}", func(out http.ResponseWriter, in *http.Request) {
		if err := k.kill(in.PathValue("namespace")+"/"+in.PathValue("pod"), in.PathValue("container")); err != nil {
			http.Error(out, err.Error(), http.StatusNotFound)
		}
	})
	return routes
}

// What is known of a container that runs.
type running struct {
	Pod       string `json:"pod"`
	Container string `json:"container"`
	Pid       int    `json:"pid"`
	Log       string `json:"log"`
}

func (k *Kubelet) each(see func(*worker, *member)) {
	k.lock.Lock()
	defer k.lock.Unlock()
	for _, worker := range k.workers {
		for _, m := range worker.members {
			see(worker, m)
		}
	}
}

func (k *Kubelet) list() []running {
	found := []running{}
	k.each(func(w *worker, m *member) {
		if pid := m.pid(); pid != 0 {
			found = append(found, running{w.name, m.container.Name, pid, m.logFile()})
		}
	})
	return found
}

func (k *Kubelet) kill(pod, container string) error {
	failed := os.ErrNotExist
	k.each(func(w *worker, m *member) {
		if w.name == pod && m.container.Name == container {
			failed = m.kill()
		}
	})
	return failed
}
