// Package driver is a CSI driver whose volumes are sparse files, attached as loop devices. It serves tests on one machine.
//
// It does what the CSI specification asks of it and, unless it is told otherwise, has the limits of the demonstration
// driver that clusters are tested with (Capable says which). What it is not: its snapshots are copies; every node is this
// machine; there is no topology, no quota and no encryption.
package driver

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"sync"
	"syscall"

	"github.com/container-storage-interface/spec/lib/go/csi"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"varve/storage/control"
)

// Config is what the flags say.
type Config struct {
	Name   string
	Data   string
	NodeID string
	// Capable lifts the demonstration driver's limits: sizes are no multiple of 1 MiB, a volume grows when it is expanded
	// or made from a smaller snapshot, and changed blocks are known for Filesystem volumes, after the source volume is
	// gone, on a grid that starts at 0 and with the snapshot's own capacity; and an offset behind the end is refused.
	Capable bool
}

// Driver serves all of CSI's services. Safe for many goroutines.
type Driver struct {
	csi.UnimplementedIdentityServer
	csi.UnimplementedControllerServer
	csi.UnimplementedNodeServer
	csi.UnimplementedSnapshotMetadataServer

	config    Config
	volumes   *shelf[Volume]
	snapshots *shelf[Snapshot]
	faults    control.Faults
	counts    control.Counts
	behaviour *control.Document[Behaviour]
	busy      sync.Map
}

// Open reads what an earlier driver left in the folder, and tidies up after one that was killed.
func Open(config Config) (*Driver, error) {
	// The kernel names the file behind a loop device by its whole path.
	data, err := filepath.Abs(config.Data)
	if err != nil {
		return nil, err
	}
	config.Data = data
	volumes, err := openShelf[Volume](filepath.Join(data, "volumes"))
	if err != nil {
		return nil, err
	}
	snapshots, err := openShelf[Snapshot](filepath.Join(data, "snapshots"))
	if err != nil {
		return nil, err
	}
	d := &Driver{config: config, volumes: volumes, snapshots: snapshots}
	d.behaviour = control.NewDocument(Behaviour{}, func(b Behaviour) error { return b.check(&d.faults) })
	return d, d.recover()
}

// begin keeps a second call on the same thing away, as CSI has it. The caller calls what it returns at its end.
func (d *Driver) begin(thing string) (func(), error) {
	if _, pending := d.busy.LoadOrStore(thing, true); pending {
		return nil, status.Errorf(codes.Aborted, "%s: another call on it has not ended yet", thing)
	}
	return func() { d.busy.Delete(thing) }, nil
}

// Server is one with all services, that counts calls and brings about faults.
func (d *Driver) Server() *grpc.Server {
	server := grpc.NewServer(
		grpc.ChainUnaryInterceptor(d.counts.Unary, d.faults.Unary, internal),
		grpc.ChainStreamInterceptor(d.counts.Stream, d.faults.Stream))
	csi.RegisterIdentityServer(server, d)
	csi.RegisterControllerServer(server, d)
	csi.RegisterNodeServer(server, d)
	csi.RegisterSnapshotMetadataServer(server, d)
	return server
}

// An error of the machine's, not of the caller's, is INTERNAL.
func internal(ctx context.Context, request any, _ *grpc.UnaryServerInfo, next grpc.UnaryHandler) (any, error) {
	answer, err := next(ctx, request)
	return answer, asInternal(err)
}

func asInternal(err error) error {
	if _, hasCode := status.FromError(err); hasCode {
		return err
	}
	return status.Error(codes.Internal, err.Error())
}

// Run is the part "driver" of the program.
func Run(arguments []string) error {
	var config Config
	flags := flag.NewFlagSet("driver", flag.ExitOnError)
	flags.StringVar(&config.Name, "name", "test.csi.varve.io", "of the driver")
	flags.StringVar(&config.Data, "data", "", "folder of volumes and snapshots; made if absent")
	flags.StringVar(&config.NodeID, "node", hostname(), "that NodeGetInfo answers")
	flags.BoolVar(&config.Capable, "capable", false, "without the limits of the demonstration driver")
	socket := flags.String("socket", "", "path to listen on")
	address := flags.String("control", "", "host:port of the HTTP that tests control the driver by")
	if err := flags.Parse(arguments); err != nil {
		return err
	}
	if *socket == "" || config.Data == "" {
		return errors.New("--socket and --data are required")
	}
	d, err := Open(config)
	if err != nil {
		return err
	}
	if err := control.Serve(*address, d.routes()); err != nil {
		return err
	}
	// That of a driver that was killed.
	if err := gone(os.Remove(*socket)); err != nil {
		return err
	}
	listener, err := net.Listen("unix", *socket)
	if err != nil {
		return err
	}
	server := d.Server()
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, server.Stop)
	fmt.Printf("%s listens on %s\n", config.Name, *socket)
	return server.Serve(listener)
}

func hostname() string {
	name, err := os.Hostname()
	if err != nil {
		return "localhost"
	}
	return name
}

func (d *Driver) routes() *http.ServeMux {
	routes := http.NewServeMux()
	routes.Handle("/behaviour", d.behaviour)
	routes.Handle("/counts", &d.counts)
	routes.HandleFunc("GET /volumes", func(out http.ResponseWriter, _ *http.Request) {
		control.Write(out, d.volumes.find(func(Volume) bool { return true }))
	})
	routes.HandleFunc("GET /snapshots", func(out http.ResponseWriter, _ *http.Request) {
		control.Write(out, d.snapshots.find(func(Snapshot) bool { return true }))
	})
	routes.HandleFunc("PUT /volumes/{id}", d.expandByHTTP)
	return routes
}
