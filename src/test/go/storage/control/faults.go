package control

import (
	"context"
	"fmt"
	"path"
	"strings"
	"sync"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// Fault is what happens to calls of one gRPC method.
type Fault struct {
	// Code is the status by name, such as RESOURCE_EXHAUSTED. Without one the call goes its way, after Delay.
	Code    string `json:"code,omitempty"`
	Message string `json:"message,omitempty"`
	// Times is how many calls fail. 0: all.
	Times int `json:"times,omitempty"`
	// Delay before the call is looked at.
	Delay Duration `json:"delay,omitempty"`
	// AfterMessages is how many messages of a stream arrive before it fails.
	AfterMessages int `json:"afterMessages,omitempty"`
	// MessageDelay is waited before each message of a stream.
	MessageDelay Duration `json:"messageDelay,omitempty"`
}

// Faults are those of a gRPC server, by the method's name without the service. Safe for many goroutines.
type Faults struct {
	lock   sync.Mutex
	byName map[string]Fault
	failed map[string]int
}

// Set replaces all faults and starts to count their Times anew.
func (f *Faults) Set(byName map[string]Fault) error {
	for name, fault := range byName {
		if _, err := codeOf(fault.Code); err != nil {
			return fmt.Errorf("fault of %s: %w", name, err)
		}
	}
	f.lock.Lock()
	defer f.lock.Unlock()
	f.byName, f.failed = byName, map[string]int{}
	return nil
}

// take is the fault of the next call, whose code is OK if the call is not to fail.
func (f *Faults) take(method string) (Fault, codes.Code) {
	f.lock.Lock()
	defer f.lock.Unlock()
	name := path.Base(method)
	fault := f.byName[name]
	// Set has refused those that are none.
	code, _ := codeOf(fault.Code)
	if code != codes.OK {
		f.failed[name]++
		if fault.Times > 0 && f.failed[name] > fault.Times {
			return fault, codes.OK
		}
	}
	return fault, code
}

func codeOf(name string) (codes.Code, error) {
	if name == "" {
		return codes.OK, nil
	}
	var code codes.Code
	if err := code.UnmarshalJSON([]byte(`"` + strings.ToUpper(name) + `"`)); err != nil {
		return codes.OK, fmt.Errorf("%q is not the name of a gRPC status", name)
	}
	return code, nil
}

// Unary is an interceptor that brings about the faults of calls with one answer.
func (f *Faults) Unary(ctx context.Context, request any, info *grpc.UnaryServerInfo, next grpc.UnaryHandler) (any, error) {
	fault, code := f.take(info.FullMethod)
	if err := pause(ctx, fault.Delay); err != nil {
		return nil, err
	}
	if code != codes.OK {
		return nil, status.Error(code, fault.Message)
	}
	return next(ctx, request)
}

// Stream is an interceptor that brings about the faults of calls with a stream of answers.
func (f *Faults) Stream(server any, stream grpc.ServerStream, info *grpc.StreamServerInfo, next grpc.StreamHandler) error {
	fault, code := f.take(info.FullMethod)
	if err := pause(stream.Context(), fault.Delay); err != nil {
		return err
	}
	if code != codes.OK && fault.AfterMessages == 0 {
		return status.Error(code, fault.Message)
	}
	return next(server, &faultyStream{ServerStream: stream, fault: fault, code: code})
}

type faultyStream struct {
	grpc.ServerStream
	fault Fault
	code  codes.Code
	sent  int
}

func (s *faultyStream) SendMsg(message any) error {
	if s.code != codes.OK && s.sent == s.fault.AfterMessages {
		return status.Error(s.code, s.fault.Message)
	}
	if err := pause(s.Context(), s.fault.MessageDelay); err != nil {
		return err
	}
	s.sent++
	return s.ServerStream.SendMsg(message)
}

func pause(ctx context.Context, length Duration) error {
	if length <= 0 {
		return nil
	}
	select {
	case <-time.After(time.Duration(length)):
		return nil
	case <-ctx.Done():
		return status.FromContextError(ctx.Err()).Err()
	}
}
