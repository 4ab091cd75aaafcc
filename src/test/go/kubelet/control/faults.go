// Package control lets a test make a node fail.
package control

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
	"time"
)

// Behaviour is what a test tells the kubelet, at /behaviour. What it leaves out is off.
type Behaviour struct {
	// Frozen cuts the kubelet off from the API server; its containers go on.
	Frozen bool `json:"frozen,omitempty"`
	// StartDelay passes before a pod's volumes are prepared, for example "5s".
	StartDelay Duration `json:"startDelay,omitempty"`
}

// Duration is a time.Duration that is written as "1m30s".
type Duration time.Duration

// MarshalText writes it so.
func (d Duration) MarshalText() ([]byte, error) { return []byte(time.Duration(d).String()), nil }

// UnmarshalText reads it.
func (d *Duration) UnmarshalText(text []byte) error {
	read, err := time.ParseDuration(string(text))
	*d = Duration(read)
	return err
}

// Faults holds the Behaviour of now. Safe for many goroutines.
type Faults struct {
	lock sync.Mutex
	now  Behaviour
	// thawed is closed while the node is not frozen.
	thawed chan struct{}
}

// NewFaults has none.
func NewFaults() *Faults {
	thawed := make(chan struct{})
	close(thawed)
	return &Faults{thawed: thawed}
}

// Get returns what was set last.
func (f *Faults) Get() Behaviour {
	f.lock.Lock()
	defer f.lock.Unlock()
	return f.now
}

func (f *Faults) set(next Behaviour) {
	f.lock.Lock()
	defer f.lock.Unlock()
	if next.Frozen && !f.now.Frozen {
		f.thawed = make(chan struct{})
	}
	if !next.Frozen && f.now.Frozen {
		close(f.thawed)
	}
	f.now = next
}

// Reach waits until the API server can be reached, or the context ends.
func (f *Faults) Reach(ctx context.Context) error {
	f.lock.Lock()
	thawed := f.thawed
	f.lock.Unlock()
	select {
	case <-thawed:
		return ctx.Err()
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Reached is the transport of a client that a frozen node cuts off. Requests wait.
func (f *Faults) Reached(transport http.RoundTripper) http.RoundTripper {
	return roundTripper(func(request *http.Request) (*http.Response, error) {
		if err := f.Reach(request.Context()); err != nil {
			return nil, err
		}
		return transport.RoundTrip(request)
	})
}

type roundTripper func(*http.Request) (*http.Response, error)

// RoundTrip calls itself.
func (r roundTripper) RoundTrip(request *http.Request) (*http.Response, error) { return r(request) }

// ServeHTTP answers GET with the behaviour, and takes that of a PUT.
func (f *Faults) ServeHTTP(out http.ResponseWriter, in *http.Request) {
	if in.Method == http.MethodPut {
		var next Behaviour
		body := json.NewDecoder(in.Body)
		body.DisallowUnknownFields()
		if err := body.Decode(&next); err != nil && err != io.EOF {
			http.Error(out, err.Error(), http.StatusBadRequest)
			return
		}
		f.set(next)
	}
	Write(out, f.Get())
}

// Write answers with a value as JSON.
func Write(out http.ResponseWriter, value any) {
	out.Header().Set("Content-Type", "application/json")
	if err := json.NewEncoder(out).Encode(value); err != nil {
		fmt.Println("control:", err)
	}
}

// Serve answers on an address until the program ends; on none if it is empty.
func Serve(address string, handler http.Handler) error {
	if address == "" {
		return nil
	}
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return fmt.Errorf("control: %w", err)
	}
	fmt.Printf("control on http://%s\n", listener.Addr())
	go func() { fmt.Println("control:", http.Serve(listener, handler)) }()
	return nil
}

// End ends all faults.
func (f *Faults) End() { f.set(Behaviour{}) }
