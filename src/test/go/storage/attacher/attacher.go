// Package attacher stands in for the external-attacher of a CSI driver that does not attach by itself. VolumeAttachments
// become attached, and go, after the time that a test sets.
package attacher

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"net/http"
	"os/signal"
	"strings"
	"sync"
	"syscall"
	"time"

	storage "k8s.io/api/storage/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/cache"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/client-go/util/workqueue"

	"varve/storage/control"
)

// Behaviour is what a test tells the attacher to do, at /behaviour. It holds for what waits already.
type Behaviour struct {
	AttachDelay control.Duration `json:"attachDelay"`
	DetachDelay control.Duration `json:"detachDelay"`
	// AttachError keeps volumes from being attached, and is said in the VolumeAttachments.
	AttachError string `json:"attachError,omitempty"`
}

// How often one that waits looks whether it still has to.
const look = 100 * time.Millisecond

// Attacher works for one driver.
type Attacher struct {
	driver    string
	finalizer string
	kube      kubernetes.Interface
	behaviour *control.Document[Behaviour]
	queue     workqueue.TypedRateLimitingInterface[string]
	lister    cache.Store
	lock      sync.Mutex
	seen      map[string]time.Time
}

// New is one that does nothing until it is run.
func New(driver string, kube kubernetes.Interface, behaviour Behaviour) *Attacher {
	return &Attacher{
		driver: driver,
		// The name that the real one gives it.
		finalizer: "external-attacher/" + strings.NewReplacer(".", "-", "/", "-").Replace(driver),
		kube:      kube,
		behaviour: control.NewDocument(behaviour, nil),
		queue: workqueue.NewTypedRateLimitingQueue(
			workqueue.NewTypedItemExponentialFailureRateLimiter[string](look, 5*time.Second)),
		seen: map[string]time.Time{},
	}
}

// Run is the part "attacher" of the program.
func Run(arguments []string) error {
	flags := flag.NewFlagSet("attacher", flag.ExitOnError)
	driver := flags.String("driver", "test.csi.varve.io", "whose volumes are attached")
	kubeconfig := flags.String("kubeconfig", "", "path of the kubeconfig file")
	attach := flags.Duration("attach-delay", 0, "until a volume is attached")
	detach := flags.Duration("detach-delay", 0, "until a volume is detached")
	address := flags.String("control", "", "host:port of the HTTP that tests control the attacher by")
	if err := flags.Parse(arguments); err != nil {
		return err
	}
	config, err := clientcmd.BuildConfigFromFlags("", *kubeconfig)
	if err != nil {
		return fmt.Errorf("kubeconfig %s: %w", *kubeconfig, err)
	}
	config.QPS, config.Burst = 100, 200
	kube, err := kubernetes.NewForConfig(config)
	if err != nil {
		return err
	}
	a := New(*driver, kube, Behaviour{AttachDelay: control.Duration(*attach), DetachDelay: control.Duration(*detach)})
	routes := http.NewServeMux()
	routes.Handle("/behaviour", a.behaviour)
	if err := control.Serve(*address, routes); err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	return a.Watch(ctx)
}

// Watch works until it is told to stop.
func (a *Attacher) Watch(ctx context.Context) error {
	factory := informers.NewSharedInformerFactory(a.kube, 0)
	informer := factory.Storage().V1().VolumeAttachments().Informer()
	a.lister = informer.GetStore()
	add := func(object any) {
		if key, err := cache.DeletionHandlingMetaNamespaceKeyFunc(object); err == nil {
			a.queue.Add(key)
		}
	}
	if _, err := informer.AddEventHandler(cache.ResourceEventHandlerFuncs{
		AddFunc: add, UpdateFunc: func(_, object any) { add(object) }, DeleteFunc: add,
	}); err != nil {
		return err
	}
	factory.Start(ctx.Done())
	if !cache.WaitForCacheSync(ctx.Done(), informer.HasSynced) {
		return errors.New("VolumeAttachments can't be listed")
	}
	fmt.Printf("attaches volumes of %s\n", a.driver)
	context.AfterFunc(ctx, a.queue.ShutDown)
	for {
		name, over := a.queue.Get()
		if over {
			return nil
		}
		a.take(ctx, name)
		a.queue.Done(name)
	}
}

func (a *Attacher) take(ctx context.Context, name string) {
	object, exists, err := a.lister.GetByKey(name)
	if err != nil || !exists {
		return
	}
	attachment := object.(*storage.VolumeAttachment)
	if attachment.Spec.Attacher != a.driver {
		return
	}
	again, err := a.step(ctx, attachment.DeepCopy())
	switch {
	case err != nil:
		fmt.Printf("VolumeAttachment %s: %v\n", name, err)
		a.queue.AddRateLimited(name)
	case again > 0:
		a.queue.AddAfter(name, again)
	default:
		a.queue.Forget(name)
	}
}

// How long ago this was asked for the first time. The times of an object itself are whole seconds.
func (a *Attacher) waited(uid types.UID, what string) time.Duration {
	a.lock.Lock()
	defer a.lock.Unlock()
	key := string(uid) + what
	if _, known := a.seen[key]; !known {
		a.seen[key] = time.Now()
	}
	return time.Since(a.seen[key])
}
