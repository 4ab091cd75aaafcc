package pod

import (
	"fmt"
	"strings"

	"varve/kubelet/container"
)

// What stands for an image: the programs of this host, and nothing that is secret.
var basis = []string{
	"/usr", "/bin", "/sbin", "/lib", "/lib64", "/etc/ssl/certs", "/etc/ssl/openssl.cnf", "/etc/ca-certificates", "/etc/alternatives", "/etc/passwd", "/etc/group",
	"/etc/nsswitch.conf", "/etc/ld.so.cache", "/etc/ld.so.conf", "/etc/ld.so.conf.d", "/etc/localtime",
}

// Image is what a container image adds to the programs of this host.
type Image struct {
	Mounts     []container.Mount
	Entrypoint []string
}

// Images are those that can be pulled, by their whole name. A flag.Value for each thing that is said of one.
type Images map[string]*Image

func (i Images) named(name string) *Image {
	if i[name] == nil {
		i[name] = &Image{}
	}
	return i[name]
}

// Known takes the name of an image that adds nothing.
func (i Images) Known(name string) error {
	i.named(name)
	return nil
}

// Path takes IMAGE=FOLDER:/path, a folder or file of this host that the image has under another name.
func (i Images) Path(text string) error {
	name, path, found := strings.Cut(text, "=")
	source, target, also := strings.Cut(path, ":")
	if !found || !also || !strings.HasPrefix(source, "/") || !strings.HasPrefix(target, "/") {
		return fmt.Errorf("%q is not IMAGE=/folder:/path", text)
	}
	image := i.named(name)
	image.Mounts = append(image.Mounts, container.Mount{Source: source, Target: target, ReadOnly: true})
	return nil
}

// Entrypoint takes IMAGE=WORD WORD…, what is run before the arguments of a container that has no command.
func (i Images) Entrypoint(text string) error {
	name, words, found := strings.Cut(text, "=")
	if !found || len(strings.Fields(words)) == 0 {
		return fmt.Errorf("%q is not IMAGE=WORD…", text)
	}
	i.named(name).Entrypoint = strings.Fields(words)
	return nil
}
