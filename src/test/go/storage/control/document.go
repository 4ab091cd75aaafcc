// Package control lets a test change, over HTTP, how a part of the storage behaves, and read what was asked of it.
package control

import (
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
	"time"
)

// Document is what a part is told to do, as one JSON value that is replaced as a whole. Safe for many goroutines.
type Document[T any] struct {
	lock  sync.Mutex
	value T
	set   func(T) error
}

// NewDocument holds value. A value that set refuses is not taken; set may be nil.
func NewDocument[T any](value T, set func(T) error) *Document[T] {
	return &Document[T]{value: value, set: set}
}

// Get returns the value last set.
func (d *Document[T]) Get() T {
	d.lock.Lock()
	defer d.lock.Unlock()
	return d.value
}

// Put replaces the value, if it is not refused.
func (d *Document[T]) Put(value T) error {
	d.lock.Lock()
	defer d.lock.Unlock()
	if d.set != nil {
		if err := d.set(value); err != nil {
			return err
		}
	}
	d.value = value
	return nil
}

// ServeHTTP answers GET with the value, and takes the body of a PUT for the new one: what it leaves out is as it was at
// the start of the program without flags, that is, without any fault.
func (d *Document[T]) ServeHTTP(out http.ResponseWriter, in *http.Request) {
	switch in.Method {
	case http.MethodGet:
		Write(out, d.Get())
	case http.MethodPut:
		var value T
		body := json.NewDecoder(in.Body)
		body.DisallowUnknownFields()
		if err := body.Decode(&value); err != nil && err != io.EOF {
			http.Error(out, err.Error(), http.StatusBadRequest)
			return
		}
		if err := d.Put(value); err != nil {
			http.Error(out, err.Error(), http.StatusBadRequest)
			return
		}
		Write(out, value)
	default:
		http.Error(out, "GET or PUT", http.StatusMethodNotAllowed)
	}
}

// Write answers with a value as JSON.
func Write(out http.ResponseWriter, value any) {
	out.Header().Set("Content-Type", "application/json")
	// Whoever asked may be gone; there is nobody to tell.
	_ = json.NewEncoder(out).Encode(value)
}

// Serve answers on an address until the process ends. An empty address is none.
func Serve(address string, routes *http.ServeMux) error {
	if address == "" {
		return nil
	}
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return fmt.Errorf("control: %w", err)
	}
	fmt.Printf("control on http://%s\n", listener.Addr())
	go func() { _ = http.Serve(listener, routes) }()
	return nil
}

// Duration is a time.Duration that JSON writes as "1m30s".
type Duration time.Duration

func (d Duration) MarshalText() ([]byte, error) { return []byte(time.Duration(d).String()), nil }

func (d *Duration) UnmarshalText(text []byte) error {
	parsed, err := time.ParseDuration(string(text))
	*d = Duration(parsed)
	return err
}
