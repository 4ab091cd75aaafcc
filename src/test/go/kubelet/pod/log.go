package pod

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"strconv"

	core "k8s.io/api/core/v1"
)

// What a kubelet takes of a termination message: of its file, and of the log if that is empty.
const (
	messageBytes  = 4096
	messageOfLog  = 2048
	linesOfLog    = 80
	worldWritable = 0o666
)

func (m *member) folder() string { return filepath.Join(m.of.folder, "containers", m.container.Name) }

func (m *member) messageFile() string { return filepath.Join(m.folder(), "message") }

// An empty file that the container may write, whoever it runs as.
func (m *member) makeMessageFile() error {
	if err := os.MkdirAll(m.folder(), 0o755); err != nil {
		return err
	}
	if err := os.WriteFile(m.messageFile(), nil, worldWritable); err != nil {
		return err
	}
	return os.Chmod(m.messageFile(), worldWritable)
}

func (m *member) logFile() string {
	return m.of.kubelet.logOf(m.of.latest(), m.container.Name, m.restarts())
}

// The log of one life of a container: CONTAINER/RESTARTS.log in a folder of the pod.
func (k *Kubelet) logOf(pod *core.Pod, container string, restarts int32) string {
	folder := pod.Namespace + "_" + pod.Name + "_" + string(pod.UID)
	return filepath.Join(k.Logs, folder, container, strconv.Itoa(int(restarts))+".log")
}

func (m *member) openLog() (*os.File, error) {
	path := m.logFile()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return nil, err
	}
	return os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o644)
}

// What the container left as its last word.
func (m *member) message(failed, alsoOfLog bool) string {
	said := end(m.messageFile(), messageBytes)
	if len(said) == 0 && failed && alsoOfLog {
		said = lastLines(end(m.logFile(), messageOfLog), linesOfLog)
	}
	return string(bytes.ToValidUTF8(said, []byte("?")))
}

func lastLines(text []byte, lines int) []byte {
	from := len(bytes.TrimSuffix(text, []byte("\n")))
	for range lines {
		if from = bytes.LastIndexByte(text[:max(from, 0)], '\n'); from < 0 {
			break
		}
	}
	return text[min(from+1, len(text)):]
}

// The last bytes of a file; none of one that can't be read.
func end(path string, most int64) []byte {
	file, err := os.Open(path)
	if err != nil {
		return nil
	}
	defer file.Close()
	if info, err := file.Stat(); err == nil && info.Size() > most {
		_, _ = file.Seek(-most, io.SeekEnd)
	}
	said, _ := io.ReadAll(io.LimitReader(file, most))
	return said
}
