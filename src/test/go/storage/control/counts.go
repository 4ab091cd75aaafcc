package control

import (
	"context"
	"maps"
	"net/http"
	"path"
	"sync"

	"github.com/container-storage-interface/spec/lib/go/csi"
	"google.golang.org/grpc"
	"google.golang.org/grpc/status"
)

// Counts are what a gRPC server was asked since the start or the last DELETE. Safe for many goroutines.
type Counts struct {
	lock    sync.Mutex
	methods map[string]Count
}

// Count is that of one method.
type Count struct {
	// Codes are the calls that have ended, by the name of their status.
	Codes map[string]int `json:"codes"`
	// Messages, Ranges and Bytes are what streams of changed blocks have reported.
	Messages int64 `json:"messages"`
	Ranges   int64 `json:"ranges"`
	Bytes    int64 `json:"bytes"`
}

// ServeHTTP answers GET with a Count for each method that was called; DELETE forgets them.
func (c *Counts) ServeHTTP(out http.ResponseWriter, in *http.Request) {
	c.lock.Lock()
	defer c.lock.Unlock()
	if in.Method == http.MethodDelete {
		c.methods = nil
		return
	}
	all := map[string]Count{}
	maps.Copy(all, c.methods)
	Write(out, all)
}

func (c *Counts) change(method string, change func(*Count)) {
	c.lock.Lock()
	defer c.lock.Unlock()
	if c.methods == nil {
		c.methods = map[string]Count{}
	}
	name := path.Base(method)
	count, ok := c.methods[name]
	if !ok {
		count.Codes = map[string]int{}
	}
	change(&count)
	c.methods[name] = count
}

func (c *Counts) ended(method string, err error) {
	c.change(method, func(count *Count) { count.Codes[NameOf(err)]++ })
}

// Unary is an interceptor that counts. It comes before that of the faults, which count like any answer.
func (c *Counts) Unary(ctx context.Context, request any, info *grpc.UnaryServerInfo, next grpc.UnaryHandler) (any, error) {
	answer, err := next(ctx, request)
	c.ended(info.FullMethod, err)
	return answer, err
}

// Stream is an interceptor that counts.
func (c *Counts) Stream(server any, stream grpc.ServerStream, info *grpc.StreamServerInfo, next grpc.StreamHandler) error {
	err := next(server, &countedStream{stream, c, info.FullMethod})
	c.ended(info.FullMethod, err)
	return err
}

type countedStream struct {
	grpc.ServerStream
	counts *Counts
	method string
}

func (s *countedStream) SendMsg(message any) error {
	if err := s.ServerStream.SendMsg(message); err != nil {
		return err
	}
	if reported, ok := message.(interface{ GetBlockMetadata() []*csi.BlockMetadata }); ok {
		s.counts.change(s.method, func(count *Count) {
			count.Messages++
			for _, block := range reported.GetBlockMetadata() {
				count.Ranges++
				count.Bytes += block.GetSizeBytes()
			}
		})
	}
	return nil
}

// NameOf is the gRPC name of an error's status, such as NOT_FOUND.
func NameOf(err error) string {
	text, known := names[status.Code(err)]
	if !known {
		return "UNKNOWN"
	}
	return text
}
