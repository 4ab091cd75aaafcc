// Package pod runs the pods of a node: it does what a kubelet does, with processes of this host for containers.
package pod

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"sync"
	"time"

	core "k8s.io/api/core/v1"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/tools/cache"
	"k8s.io/client-go/tools/record"
	"k8s.io/client-go/util/workqueue"

	"varve/kubelet/control"
	"varve/kubelet/volume"
)

// Kubelet is made of what it is told at its start.
type Kubelet struct {
	Host   *volume.Host
	Events record.EventRecorder
	Faults *control.Faults
	Images Images
	// Logs is the folder of the containers' logs, which stay when their pods are gone.
	Logs string
	// APIServer is where containers find it, as host:port.
	APIServer string
	// DevicesOfUser gives device nodes to the container's user, as runtimes do that are configured to.
	DevicesOfUser bool

	lock    sync.Mutex
	workers map[types.UID]*worker
	running sync.WaitGroup
}

// Groups is what the names of its containers' cgroups start with. Clusters of this host that run at the same time may have
// nodes of one name, but not in one folder.
func (k *Kubelet) Groups() string {
	folder := sha256.Sum256([]byte(k.Host.Root))
	return fmt.Sprintf("varve-%s-%x.", k.Host.Node, folder[:8])
}

// Run serves the pods of the node until the context ends, and takes away then what it made on this host. The pods stay in
// the API as they were.
func (k *Kubelet) Run(ctx context.Context) error {
	k.workers = map[types.UID]*worker{}
	factory := informers.NewSharedInformerFactoryWithOptions(k.Host.Kube, 0, informers.WithTweakListOptions(func(o *meta.ListOptions) {
		o.FieldSelector = "spec.nodeName=" + k.Host.Node
	}))
	informer := factory.Core().V1().Pods().Informer()
	queue := workqueue.NewTypedRateLimitingQueue(workqueue.DefaultTypedControllerRateLimiter[string]())
	add := func(object any) {
		if key, err := cache.DeletionHandlingMetaNamespaceKeyFunc(object); err == nil {
			queue.Add(key)
		}
	}
	if _, err := informer.AddEventHandler(cache.ResourceEventHandlerFuncs{
		AddFunc: add, UpdateFunc: func(_, object any) { add(object) }, DeleteFunc: add,
	}); err != nil {
		return err
	}
	factory.Start(ctx.Done())
	if !cache.WaitForCacheSync(ctx.Done(), informer.HasSynced) {
		return errors.New("pods can't be listed")
	}
	fmt.Printf("runs the pods of node %s\n", k.Host.Node)
	context.AfterFunc(ctx, queue.ShutDown)
	for {
		key, over := queue.Get()
		// What arrives while the node is cut off is seen later.
		if over || k.Faults.Reach(ctx) != nil {
			break
		}
		k.see(ctx, informer.GetStore(), key)
		queue.Done(key)
	}
	k.running.Wait()
	return nil
}

// Tells the workers of one name, of which there can be several one after another, what is there now.
func (k *Kubelet) see(ctx context.Context, pods cache.Store, name string) {
	object, exists, err := pods.GetByKey(name)
	if err != nil {
		return
	}
	var now *core.Pod
	if exists {
		now = object.(*core.Pod)
	}
	k.lock.Lock()
	defer k.lock.Unlock()
	for uid, worker := range k.workers {
		if worker.name == name && (now == nil || now.UID != uid) {
			worker.vanished()
		}
	}
	if now == nil {
		return
	}
	if worker := k.workers[now.UID]; worker != nil {
		worker.changed(now)
		return
	}
	worker := newWorker(ctx, k, now)
	k.workers[now.UID] = worker
	k.running.Go(func() {
		worker.run()
		k.lock.Lock()
		defer k.lock.Unlock()
		delete(k.workers, now.UID)
	})
}

// How often what failed is tried again.
const again = 200 * time.Millisecond

// Waits, or returns false early when the context ends.
func pause(ctx context.Context, length time.Duration) bool {
	timer := time.NewTimer(length)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
