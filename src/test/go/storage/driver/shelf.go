package driver

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
)

// A shelf is a folder of images, ID.img, each with its record beside it, ID.json. The record is written last and removed
// first: an image without one is what a driver left that was killed meanwhile, and is removed when the next one starts.
// Safe for many goroutines.
type shelf[T any] struct {
	folder string
	lock   sync.Mutex
	byID   map[string]T
}

func openShelf[T any](folder string) (*shelf[T], error) {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, err
	}
	s := &shelf[T]{folder: folder, byID: map[string]T{}}
	entries, err := os.ReadDir(folder)
	if err != nil {
		return nil, err
	}
	for _, entry := range entries {
		id, isRecord := strings.CutSuffix(entry.Name(), ".json")
		if !isRecord {
			continue
		}
		content, err := os.ReadFile(s.path(id, ".json"))
		if err != nil {
			return nil, err
		}
		var record T
		if err := json.Unmarshal(content, &record); err != nil {
			return nil, fmt.Errorf("record %s: %w", s.path(id, ".json"), err)
		}
		s.byID[id] = record
	}
	for _, entry := range entries {
		id := strings.TrimSuffix(entry.Name(), filepath.Ext(entry.Name()))
		if _, known := s.byID[id]; !known {
			if err := os.Remove(filepath.Join(folder, entry.Name())); err != nil {
				return nil, err
			}
		}
	}
	return s, nil
}

func (s *shelf[T]) path(id, suffix string) string { return filepath.Join(s.folder, id+suffix) }

func (s *shelf[T]) image(id string) string { return s.path(id, ".img") }

// put makes the record known, now and after a restart. Its image is there already.
func (s *shelf[T]) put(id string, record T) error {
	content, err := json.MarshalIndent(record, "", "  ")
	if err != nil {
		return err
	}
	part := s.path(id, ".part")
	if err := os.WriteFile(part, append(content, '\n'), 0o600); err != nil {
		return err
	}
	if err := os.Rename(part, s.path(id, ".json")); err != nil {
		return err
	}
	s.lock.Lock()
	defer s.lock.Unlock()
	s.byID[id] = record
	return nil
}

func (s *shelf[T]) get(id string) (T, bool) {
	s.lock.Lock()
	defer s.lock.Unlock()
	record, known := s.byID[id]
	return record, known
}

// find returns the records that match, in no order.
func (s *shelf[T]) find(matches func(T) bool) []T {
	s.lock.Lock()
	defer s.lock.Unlock()
	found := []T{}
	for _, record := range s.byID {
		if matches(record) {
			found = append(found, record)
		}
	}
	return found
}

// remove forgets the record and removes its image. Absent ones are no error.
func (s *shelf[T]) remove(id string) error {
	s.lock.Lock()
	delete(s.byID, id)
	s.lock.Unlock()
	return errors.Join(gone(os.Remove(s.path(id, ".json"))), gone(os.Remove(s.image(id))))
}

func gone(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}
