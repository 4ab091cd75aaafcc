package pod

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strconv"

	core "k8s.io/api/core/v1"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"

	"varve/kubelet/volume"
)

// ServeLogs answers the API server when it is asked for the log of a container, until the program ends, and returns the port.
// It asks for no credentials: only processes of this host reach it.
func (k *Kubelet) ServeLogs() (int, error) {
	listener, err := net.Listen("tcp", net.JoinHostPort(volume.IP, "0"))
	if err != nil {
		return 0, fmt.Errorf("logs: %w", err)
	}
	routes := http.NewServeMux()
	routes.HandleFunc("GET /containerLogs/{namespace}/{pod}/{container}", func(out http.ResponseWriter, in *http.Request) {
		if err := k.sendLog(out, in); err != nil && in.Context().Err() == nil {
			http.Error(out, err.Error(), http.StatusBadRequest)
		}
	})
	// With a certificate of its own: the API server is told of none to check.
	server := httptest.NewUnstartedServer(routes)
	if err := server.Listener.Close(); err != nil {
		return 0, err
	}
	server.Listener = listener
	server.StartTLS()
	return listener.Addr().(*net.TCPAddr).Port, nil
}

// What is asked of a log.
type wanted struct {
	namespace, pod, container string
	follow, previous          bool
	tail                      int // lines; all if negative
}

func parseWanted(in *http.Request) (wanted, error) {
	w := wanted{namespace: in.PathValue("namespace"), pod: in.PathValue("pod"), container: in.PathValue("container"), tail: -1}
	for name, values := range in.URL.Query() {
		if err := w.set(name, values[0]); err != nil {
			return w, fmt.Errorf("%s=%s: %w", name, values[0], err)
		}
	}
	return w, nil
}

func (w *wanted) set(name, value string) (err error) {
	switch name {
	case "follow":
		w.follow, err = strconv.ParseBool(value)
	case "previous":
		w.previous, err = strconv.ParseBool(value)
	case "tailLines":
		w.tail, err = strconv.Atoi(value)
	default:
		err = errors.New("this kubelet of tests can't do that")
	}
	return err
}

func (k *Kubelet) sendLog(out http.ResponseWriter, in *http.Request) error {
	w, err := parseWanted(in)
	if err != nil {
		return err
	}
	life, err := k.lifeOf(in.Context(), w)
	if err != nil {
		return err
	}
	file, err := os.Open(life.file)
	if err != nil {
		return err
	}
	defer file.Close()
	if err := skipTo(file, w.tail); err != nil {
		return err
	}
	for {
		// Asked before the rest is read: what has ended writes no more.
		over := life.over
		if _, err := io.Copy(out, file); err != nil || over || !w.follow {
			return err
		}
		if flusher, can := out.(http.Flusher); can {
			flusher.Flush()
		}
		if !pause(in.Context(), again) {
			return in.Context().Err()
		}
		next, err := k.lifeOf(in.Context(), w)
		life.over = err != nil || next.over || next.file != life.file
	}
}

// One run of a container.
type life struct {
	file string
	over bool
}

func (k *Kubelet) lifeOf(ctx context.Context, w wanted) (life, error) {
	pod, err := k.Host.Kube.CoreV1().Pods(w.namespace).Get(ctx, w.pod, meta.GetOptions{})
	if err != nil {
		return life{}, err
	}
	all := slices.Concat(pod.Status.InitContainerStatuses, pod.Status.ContainerStatuses)
	at := slices.IndexFunc(all, func(s core.ContainerStatus) bool { return s.Name == w.container })
	switch {
	case at < 0:
		return life{}, fmt.Errorf("container %q in pod %q is waiting to start: nothing is reported of it", w.container, w.pod)
	case w.previous && all[at].RestartCount == 0:
		return life{}, fmt.Errorf("previous terminated container %q in pod %q not found", w.container, w.pod)
	case w.previous:
		return life{k.logOf(pod, w.container, all[at].RestartCount-1), true}, nil
	case all[at].State.Waiting != nil && all[at].RestartCount == 0:
		return life{}, fmt.Errorf("container %q in pod %q is waiting to start: %s", w.container, w.pod, all[at].State.Waiting.Reason)
	}
	return life{k.logOf(pod, w.container, all[at].RestartCount), all[at].State.Running == nil}, nil
}

// Leaves only the last lines to be read; all if the number is negative.
func skipTo(file *os.File, lines int) error {
	if lines < 0 {
		return nil
	}
	text, err := io.ReadAll(file)
	if err != nil {
		return err
	}
	_, err = file.Seek(-int64(len(lastLines(text, lines))), io.SeekEnd)
	return err
}
