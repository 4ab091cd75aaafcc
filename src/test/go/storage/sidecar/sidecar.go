// Package sidecar stands in for the snapshot-metadata sidecar of a CSI driver, which no registry has: the same service,
// checks in the same order, the same status codes. Its texts are its own. Where the real one crashes, or exits because the
// driver's socket is lost and is started again by Kubernetes, it stays, and answers UNAVAILABLE as a client sees it then.
package sidecar

import (
	"context"
	"crypto/tls"
	"errors"
	"flag"
	"fmt"
	"net"
	"net/http"
	"os/signal"
	"syscall"
	"time"

	"github.com/container-storage-interface/spec/lib/go/csi"
	"google.golang.org/grpc"
	"google.golang.org/grpc/backoff"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/health"
	"google.golang.org/grpc/health/grpc_health_v1"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"

	"varve/storage/control"
)

// Config is what the flags say.
type Config struct {
	Driver      string
	MaxDuration time.Duration
}

// Behaviour is what a test tells the sidecar to do, at /behaviour.
type Behaviour struct {
	// Faults by method: GetMetadataAllocated, GetMetadataDelta.
	Faults map[string]control.Fault `json:"faults,omitempty"`
	// MaxDuration of a stream, in place of the flag's.
	MaxDuration control.Duration `json:"maxDuration,omitempty"`
}

// Sidecar serves the changed blocks of one driver. Safe for many goroutines.
type Sidecar struct {
	config    Config
	kube      kubernetes.Interface
	objects   dynamic.Interface
	identity  csi.IdentityClient
	metadata  csi.SnapshotMetadataClient
	faults    control.Faults
	counts    control.Counts
	behaviour *control.Document[Behaviour]
}

// New is one that asks a driver that may not be there yet.
func New(config Config, kube kubernetes.Interface, objects dynamic.Interface, socket string) (*Sidecar, error) {
	driver, err := grpc.NewClient("unix://"+socket, grpc.WithTransportCredentials(insecure.NewCredentials()),
		// A test that restarts the driver does not wait for minutes.
		grpc.WithConnectParams(grpc.ConnectParams{Backoff: backoff.Config{BaseDelay: 100 * time.Millisecond, Multiplier: 1, MaxDelay: 100 * time.Millisecond}}))
	if err != nil {
		return nil, err
	}
	s := &Sidecar{
		config: config, kube: kube, objects: objects,
		identity: csi.NewIdentityClient(driver), metadata: csi.NewSnapshotMetadataClient(driver),
	}
	s.behaviour = control.NewDocument(Behaviour{}, func(b Behaviour) error { return s.faults.Set(b.Faults) })
	return s, nil
}

func (s *Sidecar) maxDuration() time.Duration {
	if other := s.behaviour.Get().MaxDuration; other > 0 {
		return time.Duration(other)
	}
	return s.config.MaxDuration
}

// Server is one with the service and, for anybody, gRPC's health.
func (s *Sidecar) Server(options ...grpc.ServerOption) *grpc.Server {
	server := grpc.NewServer(append(options, grpc.ChainStreamInterceptor(s.counts.Stream, s.faults.Stream))...)
	server.RegisterService(service(), s)
	grpc_health_v1.RegisterHealthServer(server, health.NewServer())
	return server
}

// Run is the part "sidecar" of the program.
func Run(arguments []string) error {
	flags := flag.NewFlagSet("sidecar", flag.ExitOnError)
	driver := flags.String("driver", "test.csi.varve.io", "whose changed blocks are served")
	socket := flags.String("csi-socket", "", "path of the driver's socket")
	kubeconfig := flags.String("kubeconfig", "", "path of the kubeconfig file")
	address := flags.String("listen", "", "host:port for gRPC over TLS")
	certificate := flags.String("cert", "", "path of the certificate, in PEM; read at each handshake, so that it can be replaced")
	key := flags.String("key", "", "path of its key, in PEM")
	maxDuration := flags.Duration("max-duration", 10*time.Minute, "of one stream")
	httpAddress := flags.String("http", "", "host:port of /health and of the HTTP that tests control the sidecar by")
	if err := flags.Parse(arguments); err != nil {
		return err
	}
	if *socket == "" || *address == "" || *certificate == "" || *key == "" {
		return errors.New("--csi-socket, --listen, --cert and --key are required")
	}
	// With the client's own limits of 5 requests a second and 10 at once, as the real one: many streams at once wait.
	config, err := clientcmd.BuildConfigFromFlags("", *kubeconfig)
	if err != nil {
		return fmt.Errorf("kubeconfig %s: %w", *kubeconfig, err)
	}
	kube, err := kubernetes.NewForConfig(config)
	if err != nil {
		return err
	}
	objects, err := dynamic.NewForConfig(config)
	if err != nil {
		return err
	}
	s, err := New(Config{Driver: *driver, MaxDuration: *maxDuration}, kube, objects, *socket)
	if err != nil {
		return err
	}
	if err := control.Serve(*httpAddress, s.routes()); err != nil {
		return err
	}
	listener, err := net.Listen("tcp", *address)
	if err != nil {
		return err
	}
	server := s.Server(grpc.Creds(credentials.NewTLS(&tls.Config{
		MinVersion: tls.VersionTLS12,
		GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) {
			pair, err := tls.LoadX509KeyPair(*certificate, *key)
			return &pair, err
		},
	})))
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, server.Stop)
	fmt.Printf("snapshot metadata of %s on %s\n", *driver, listener.Addr())
	return server.Serve(listener)
}

func (s *Sidecar) routes() *http.ServeMux {
	routes := http.NewServeMux()
	routes.HandleFunc("/health", func(out http.ResponseWriter, _ *http.Request) { fmt.Fprintln(out, "ok") })
	routes.Handle("/behaviour", s.behaviour)
	routes.Handle("/counts", &s.counts)
	return routes
}
