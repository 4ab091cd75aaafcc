// A kubelet for tests: it runs the pods of one node as processes of this host. README.md says what it keeps to, and what it
// lacks.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"net/url"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	core "k8s.io/api/core/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/kubernetes/scheme"
	typed "k8s.io/client-go/kubernetes/typed/core/v1"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/client-go/tools/record"

	"varve/kubelet/container"
	"varve/kubelet/control"
	"varve/kubelet/node"
	"varve/kubelet/pod"
	"varve/kubelet/volume"
)

func main() {
	container.BecomeIfAsked()
	if err := run(); err != nil {
		fmt.Fprintf(os.Stderr, "kubelet: %v\n", err)
		os.Exit(1)
	}
}

type options struct {
	kubeconfig, node, root, logs, apiServer, control string
	devicesOfUser                                    bool
	images                                           pod.Images
	labels, drivers                                  map[string]string
	taints                                           []core.Taint
}

func parse() *options {
	o := &options{images: pod.Images{}, labels: map[string]string{}, drivers: map[string]string{}}
	flag.StringVar(&o.kubeconfig, "kubeconfig", "", "path of the kubeconfig file")
	flag.StringVar(&o.node, "node", "", "name of the node")
	flag.StringVar(&o.root, "root", "", "folder of what pods have on this host; of one kubelet alone")
	flag.StringVar(&o.logs, "logs", "", "folder of the containers' logs; NAMESPACE_POD_UID/CONTAINER/RESTARTS.log")
	flag.StringVar(&o.apiServer, "apiserver", "", "host:port of the API server for containers, if it is not the kubeconfig's")
	flag.StringVar(&o.control, "control", "", "host:port of the HTTP that tests control the kubelet by")
	flag.BoolVar(&o.devicesOfUser, "devices-of-user", false, "give device nodes to the container's user")
	flag.Func("image", "IMAGE that has the programs of this host alone; repeatable", o.images.Known)
	flag.Func("image-path", "IMAGE=/folder:/path that the image has too; repeatable", o.images.Path)
	flag.Func("image-entrypoint", "IMAGE=WORD… that containers without a command run; repeatable", o.images.Entrypoint)
	flag.Func("label", "KEY=VALUE of the node; repeatable", pairs(o.labels))
	flag.Func("taint", "KEY=VALUE of the node, for NoSchedule; repeatable", o.taint)
	flag.Func("csi", "DRIVER=SOCKET; repeatable", pairs(o.drivers))
	flag.Parse()
	return o
}

func pairs(into map[string]string) func(string) error {
	return func(text string) error {
		key, value, found := strings.Cut(text, "=")
		if !found {
			return fmt.Errorf("%q has no =", text)
		}
		into[key] = value
		return nil
	}
}

func (o *options) taint(text string) error {
	key, value, found := strings.Cut(text, "=")
	if !found {
		return fmt.Errorf("%q has no =", text)
	}
	o.taints = append(o.taints, core.Taint{Key: key, Value: value, Effect: core.TaintEffectNoSchedule})
	return nil
}

func (o *options) check() error {
	for name, value := range map[string]string{
		"kubeconfig": o.kubeconfig, "node": o.node, "root": o.root, "logs": o.logs,
	} {
		if value == "" {
			return fmt.Errorf("--%s is missing", name)
		}
	}
	return nil
}

const registerLimit = time.Minute

func run() error {
	o := parse()
	if err := o.check(); err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	faults := control.NewFaults()
	kube, err := o.connect(faults)
	if err != nil {
		return err
	}
	self := &node.Node{Kube: kube, Name: o.node, Labels: o.labels, Taints: o.taints, Drivers: map[string]*volume.Driver{}}
	for name, socket := range o.drivers {
		if self.Drivers[name], err = volume.Connect(socket); err != nil {
			return err
		}
	}
	root, err := claim(o.root)
	if err != nil {
		return err
	}
	events := record.NewBroadcaster(record.WithContext(ctx))
	events.StartRecordingToSink(&typed.EventSinkImpl{Interface: kube.CoreV1().Events("")})
	kubelet := &pod.Kubelet{
		Host:   &volume.Host{Kube: kube, Node: o.node, Root: root, Drivers: self.Drivers, InUse: volume.NewInUse(self.PatchStatus)},
		Events: events.NewRecorder(scheme.Scheme, core.EventSource{Component: "kubelet", Host: o.node}),
		Faults: faults, Images: o.images, Logs: o.logs, APIServer: o.apiServer, DevicesOfUser: o.devicesOfUser,
	}
	if err := container.RemoveLeft(kubelet.Groups()); err != nil {
		return err
	}
	if err := control.Serve(o.control, kubelet.Routes()); err != nil {
		return err
	}
	if self.Port, err = kubelet.ServeLogs(); err != nil {
		return err
	}
	registering, cancel := context.WithTimeout(ctx, registerLimit)
	defer cancel()
	if err := self.Register(registering); err != nil {
		return err
	}
	fmt.Printf("the kernel enforces: %s\n", strings.Join(container.Enforced(), ", "))
	go self.KeepAlive(ctx)
	// A node that is cut off can't be left in order.
	context.AfterFunc(ctx, faults.End)
	failed := kubelet.Run(ctx)
	leaving, cancelLeaving := context.WithTimeout(context.Background(), registerLimit)
	defer cancelLeaving()
	return errors.Join(failed, self.Leave(leaving))
}

func (o *options) connect(faults *control.Faults) (kubernetes.Interface, error) {
	config, err := clientcmd.BuildConfigFromFlags("", o.kubeconfig)
	if err != nil {
		return nil, fmt.Errorf("kubeconfig %s: %w", o.kubeconfig, err)
	}
	if server, err := url.Parse(config.Host); err == nil && o.apiServer == "" {
		o.apiServer = server.Host
	}
	config.QPS, config.Burst = 100, 200
	config.Wrap(faults.Reached)
	return kubernetes.NewForConfig(rest.AddUserAgent(config, "kubelet"))
}

// The folder of the pods, as the kernel names it, without what a kubelet that was killed left there.
func claim(root string) (string, error) {
	if err := os.MkdirAll(root, 0o755); err != nil {
		return "", err
	}
	real, err := filepath.EvalSymlinks(root)
	if err != nil {
		return "", err
	}
	real, err = filepath.Abs(real)
	if err != nil {
		return "", err
	}
	if err := volume.UnmountBelow(real); err != nil {
		return "", err
	}
	return real, os.RemoveAll(filepath.Join(real, "pods"))
}
