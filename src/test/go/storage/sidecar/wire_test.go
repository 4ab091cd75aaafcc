package sidecar

import (
	"testing"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protowire"
)

// The bytes of a message with these fields, texts and numbers, from 1 on.
func message(fields ...any) []byte {
	var bytes []byte
	for i, field := range fields {
		number := protowire.Number(i + 1)
		switch value := field.(type) {
		case string:
			bytes = protowire.AppendTag(bytes, number, protowire.BytesType)
			bytes = protowire.AppendString(bytes, value)
		case int:
			bytes = protowire.AppendTag(bytes, number, protowire.VarintType)
			bytes = protowire.AppendVarint(bytes, uint64(value))
		}
	}
	return bytes
}

func TestRequestsAreReadByTheNumbersOfTheirFields(t *testing.T) {
	for _, c := range []struct {
		message  []byte
		delta    bool
		expected request
	}{
		{message("t", "ns", "target", 5, 6), false, request{token: "t", namespace: "ns", target: "target", offset: 5, most: 6}},
		{message("t", "ns", "base", "target", 5, 6), true, request{delta: true, token: "t", namespace: "ns", base: "base", target: "target", offset: 5, most: 6}},
		{message("t", "ns", "target", -5, -6, "of a later version"), false, request{token: "t", namespace: "ns", target: "target", offset: -5, most: -6}},
		{nil, true, request{delta: true}},
	} {
		in, err := parse(c.message, c.delta)
		if err != nil || in != c.expected {
			t.Errorf("%x: expected %+v, got %+v, %v", c.message, c.expected, in, err)
		}
	}
	if _, err := parse([]byte{0x0a, 0x7f}, false); err == nil {
		t.Error("a field that is cut off is an error")
	}
}

func TestARequestWithoutAFieldIsRefused(t *testing.T) {
	whole := request{delta: true, token: "t", namespace: "ns", base: "base", target: "target"}
	if err := whole.check(); err != nil {
		t.Error(err)
	}
	for name, without := range map[string]func(*request){
		"security_token":       func(r *request) { r.token = "" },
		"namespace":            func(r *request) { r.namespace = "" },
		"base_snapshot_id":     func(r *request) { r.base = "" },
		"target_snapshot_name": func(r *request) { r.target = "" },
	} {
		in := whole
		without(&in)
		if err := in.check(); status.Code(err) != codes.InvalidArgument || status.Convert(err).Message() != name+" is empty" {
			t.Errorf("without %s: %v", name, err)
		}
	}
}
