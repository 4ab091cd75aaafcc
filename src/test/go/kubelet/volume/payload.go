package volume

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"

	"golang.org/x/sys/unix"
)

// The link to the folder that has the files of now, and what such folders are called.
const (
	current      = "..data"
	generations  = "..generation-"
	tokenMode    = 0o600
	defaultMode  = 0o644
	folderAccess = 0o755
)

type file struct {
	content []byte
	mode    int32
	// uid owns it; -1 is root.
	uid int
}

// The files of a volume, by their path in it.
type payload struct {
	files map[string]file
	group *int64
}

// Makes the volume have exactly these files. They lie in a folder that a link points to, and are replaced by replacing the
// link: readers see all of the old or all of the new. Programs that list the volume see the links too, as in a cluster.
func (p payload) write(at string) error {
	if p.isAt(at) {
		return nil
	}
	if err := os.MkdirAll(at, folderAccess); err != nil {
		return err
	}
	folder, err := os.MkdirTemp(at, generations)
	if err != nil {
		return err
	}
	if err := os.Chmod(folder, folderAccess); err != nil {
		return err
	}
	for name, file := range p.files {
		if err := file.writeTo(filepath.Join(folder, name), p.group); err != nil {
			return err
		}
	}
	old, _ := os.Readlink(filepath.Join(at, current))
	if err := replaceLink(filepath.Base(folder), filepath.Join(at, current)); err != nil {
		return err
	}
	for name := range p.files {
		first, _, _ := strings.Cut(name, "/")
		if err := replaceLink(filepath.Join(current, first), filepath.Join(at, first)); err != nil {
			return err
		}
	}
	if old == "" {
		return nil
	}
	return errors.Join(p.removeOthers(at), os.RemoveAll(filepath.Join(at, old)))
}

func (f file) writeTo(path string, group *int64) error {
	mode := uint32(f.mode)
	gid := -1
	if group != nil {
		gid, mode = int(*group), mode|0o440
	}
	return errors.Join(
		os.MkdirAll(filepath.Dir(path), folderAccess),
		os.WriteFile(path, f.content, 0o600),
		os.Chown(path, f.uid, gid),
		// Not that of os: it takes the bits above the permissions for others.
		unix.Chmod(path, mode))
}

func replaceLink(to, at string) error {
	next := at + ".new"
	_ = os.Remove(next)
	return errors.Join(os.Symlink(to, next), os.Rename(next, at))
}

// Links to files that there are no more.
func (p payload) removeOthers(at string) error {
	entries, err := os.ReadDir(at)
	wanted := map[string]bool{}
	for name := range p.files {
		first, _, _ := strings.Cut(name, "/")
		wanted[first] = true
	}
	for _, entry := range entries {
		if !wanted[entry.Name()] && !strings.HasPrefix(entry.Name(), "..") {
			err = errors.Join(err, os.Remove(filepath.Join(at, entry.Name())))
		}
	}
	return err
}

func (p payload) isAt(at string) bool {
	found := map[string]string{}
	folder := filepath.Join(at, current) + "/"
	err := filepath.Walk(folder, func(path string, info os.FileInfo, err error) error {
		if err != nil || info.IsDir() {
			return err
		}
		content, err := os.ReadFile(path)
		found[strings.TrimPrefix(path, folder)] = string(content)
		return err
	})
	wanted := map[string]string{}
	for name, file := range p.files {
		wanted[name] = string(file.content)
	}
	return err == nil && reflect.DeepEqual(found, wanted)
}

// Adds files of another source; two of one path are an error of the pod.
func (p payload) add(files map[string]file) error {
	for name, file := range files {
		if _, twice := p.files[name]; twice {
			return fmt.Errorf("two sources have a file %s", name)
		}
		p.files[name] = file
	}
	return nil
}
