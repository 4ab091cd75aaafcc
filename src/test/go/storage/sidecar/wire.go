package sidecar

import (
	"context"
	"fmt"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/types/known/emptypb"
)

// The service of src/main/protobuf/snapshot_metadata.proto, without generated code. Its answers have the same fields, under
// the same numbers, as those of the CSI service that has the same name, so that the driver's go on as they are. Of its two
// requests we read the fields by number:
//
//	                   security_token  namespace  base_snapshot_id  target  starting_offset  max_results
//	allocated request               1          2                 -       3                4            5
//	delta request                   1          2                 3       4                5            6
type request struct {
	token, namespace, base, target string
	offset                         int64
	most                           int32
	delta                          bool
}

type server interface {
	serve(context.Context, request, grpc.ServerStream) error
}

func service() *grpc.ServiceDesc {
	method := func(name string, delta bool) grpc.StreamDesc {
		return grpc.StreamDesc{StreamName: name, ServerStreams: true, Handler: func(to any, stream grpc.ServerStream) error {
			// A message without fields keeps those that it is sent.
			message := &emptypb.Empty{}
			if err := stream.RecvMsg(message); err != nil {
				return err
			}
			in, err := parse(message.ProtoReflect().GetUnknown(), delta)
			if err != nil {
				return status.Error(codes.Internal, err.Error())
			}
			return to.(server).serve(stream.Context(), in, stream)
		}}
	}
	return &grpc.ServiceDesc{
		ServiceName: "snapshotmetadata.SnapshotMetadata",
		HandlerType: (*server)(nil),
		Streams:     []grpc.StreamDesc{method("GetMetadataAllocated", false), method("GetMetadataDelta", true)},
	}
}

func parse(fields []byte, delta bool) (request, error) {
	in := request{delta: delta}
	for len(fields) > 0 {
		number, kind, length := protowire.ConsumeTag(fields)
		if length < 0 {
			return in, fmt.Errorf("request: %w", protowire.ParseError(length))
		}
		fields = fields[length:]
		if !delta && number >= 3 {
			// The allocated request lacks the base, and so counts one less from there on.
			number++
		}
		switch {
		case number <= 4 && kind == protowire.BytesType:
			var text []byte
			if text, length = protowire.ConsumeBytes(fields); length >= 0 {
				*[]*string{&in.token, &in.namespace, &in.base, &in.target}[number-1] = string(text)
			}
		case number <= 6 && kind == protowire.VarintType:
			var value uint64
			if value, length = protowire.ConsumeVarint(fields); number == 5 {
				in.offset = int64(value)
			} else {
				in.most = int32(value)
			}
		default:
			length = protowire.ConsumeFieldValue(number, kind, fields)
		}
		if length < 0 {
			return in, fmt.Errorf("request, field %d: %w", number, protowire.ParseError(length))
		}
		fields = fields[length:]
	}
	return in, nil
}

// What is missing, in the order in which the real sidecar looks for it.
func (r request) check() error {
	for _, field := range []struct {
		name    string
		missing bool
	}{
		{"security_token", r.token == ""},
		{"namespace", r.namespace == ""},
		{"base_snapshot_id", r.delta && r.base == ""},
		{"target_snapshot_name", r.delta && r.target == ""},
		{"snapshot_name", !r.delta && r.target == ""},
	} {
		if field.missing {
			return status.Error(codes.InvalidArgument, field.name+" is empty")
		}
	}
	return nil
}
