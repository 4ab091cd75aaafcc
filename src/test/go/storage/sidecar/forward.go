package sidecar

import (
	"context"
	"io"

	"github.com/container-storage-interface/spec/lib/go/csi"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// Checks a request, and then forwards what the driver says. Nothing of a driver's answer is checked: neither order, nor
// overlap, nor that base and target are of one volume; nor are starting_offset and max_results.
func (s *Sidecar) serve(ctx context.Context, in request, out grpc.ServerStream) error {
	if err := in.check(); err != nil {
		return err
	}
	// The limit is one on the stream as a whole, however fast the client reads.
	ctx, cancel := context.WithTimeout(ctx, s.maxDuration())
	defer cancel()
	return outOfTime(ctx, s.answer(ctx, in, out))
}

func (s *Sidecar) answer(ctx context.Context, in request, out grpc.ServerStream) error {
	user, err := s.authenticate(ctx, in.token)
	if err != nil {
		return err
	}
	if err := s.authorize(ctx, user, in.namespace); err != nil {
		return err
	}
	if err := s.driverReady(ctx); err != nil {
		return err
	}
	target, err := s.find(ctx, in.namespace, in.target)
	if err != nil {
		return err
	}
	if in.delta {
		stream, err := s.metadata.GetMetadataDelta(ctx, &csi.GetMetadataDeltaRequest{
			BaseSnapshotId: in.base, TargetSnapshotId: target.id,
			StartingOffset: in.offset, MaxResults: in.most, Secrets: target.secrets,
		})
		return forward(stream, err, out)
	}
	stream, err := s.metadata.GetMetadataAllocated(ctx, &csi.GetMetadataAllocatedRequest{
		SnapshotId: target.id, StartingOffset: in.offset, MaxResults: in.most, Secrets: target.secrets,
	})
	return forward(stream, err, out)
}

func forward[A any](from grpc.ServerStreamingClient[A], err error, out grpc.ServerStream) error {
	for err == nil {
		var message *A
		if message, err = from.Recv(); err == nil {
			err = out.SendMsg(message)
		}
	}
	switch {
	case err == io.EOF:
		return nil
	case status.Code(err) == codes.Unknown:
		return status.Error(codes.Internal, status.Convert(err).Message())
	}
	return err
}

// Whatever failed because the time was over says so.
func outOfTime(ctx context.Context, err error) error {
	if err != nil && ctx.Err() == context.DeadlineExceeded {
		return status.Error(codes.DeadlineExceeded, "the stream has lasted for as long as it may")
	}
	return err
}

func (s *Sidecar) driverReady(ctx context.Context) error {
	answer, err := s.identity.Probe(ctx, &csi.ProbeRequest{})
	if err != nil {
		return status.Errorf(codes.Unavailable, "driver %s does not answer yet: %v", s.config.Driver, err)
	}
	if answer.GetReady() != nil && !answer.GetReady().GetValue() {
		return status.Errorf(codes.Unavailable, "driver %s is not ready yet", s.config.Driver)
	}
	return nil
}
