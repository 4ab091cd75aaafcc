// Command slownetwork makes a network of the loopback: a TCP proxy whose connections are slow and far away.
//
//	slownetwork --listen PORT --target PORT [--latency 50ms] [--each 20] [--total 120]
//
// Each direction of a connection carries so many megabytes a second, each direction of all of them together the total. Whatever is
// sent arrives half of the latency later, so that a request and its answer take all of it longer. What is under way is held: a
// sender is not slowed down by the latency, as with windows that are large enough. Each second it prints the bytes that it passed on,
// to the target and back.
package main

import (
	"flag"
	"fmt"
	"log"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// pieceBytes is what is read, paced and sent at once: at 4 MB/s a connection sends one every 16 ms.
const pieceBytes = 64 << 10

// bucket is a line that carries so many bytes a second. Whoever wants to send hears when its last byte has left.
type bucket struct {
	mutex  sync.Mutex
	passed atomic.Int64
	rate   float64
	freeAt time.Time
}

func (b *bucket) send(bytes int, now time.Time) time.Time {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	b.passed.Add(int64(bytes))
	if b.freeAt.Before(now) {
		b.freeAt = now
	}
	b.freeAt = b.freeAt.Add(time.Duration(float64(bytes) / b.rate * float64(time.Second)))
	return b.freeAt
}

// piece is under way until it is due.
type piece struct {
	bytes []byte
	due   time.Time
}

// pump carries one direction until the source ends or the target fails.
func pump(source, target *net.TCPConn, own, all *bucket, latency time.Duration) {
	pool := sync.Pool{New: func() any { return make([]byte, pieceBytes) }}
	// As much as the line holds while a piece travels, and a little more.
	length := int(own.rate*latency.Seconds())/pieceBytes + 4
	line := make(chan piece, length)
	go func() {
		defer close(line)
		for {
			buffer := pool.Get().([]byte)
			count, err := source.Read(buffer)
			if count > 0 {
				now := time.Now()
				left := all.send(count, now)
				if last := own.send(count, now); last.After(left) {
					left = last
				}
				time.Sleep(time.Until(left))
				line <- piece{buffer[:count], left.Add(latency)}
			}
			if err != nil {
				return
			}
		}
	}()
	failed := false
	for next := range line {
		if !failed {
			time.Sleep(time.Until(next.due))
			if _, err := target.Write(next.bytes); err != nil {
				failed = true
				source.CloseRead()
			}
		}
		pool.Put(next.bytes[:pieceBytes])
	}
	target.CloseWrite()
}

func serve(client *net.TCPConn, address string, each float64, up, down *bucket, latency time.Duration) {
	defer client.Close()
	server, err := net.Dial("tcp", address)
	if err != nil {
		log.Printf("slownetwork: %v", err)
		return
	}
	defer server.Close()
	var both sync.WaitGroup
	both.Go(func() { pump(client, server.(*net.TCPConn), &bucket{rate: each}, up, latency) })
	both.Go(func() { pump(server.(*net.TCPConn), client, &bucket{rate: each}, down, latency) })
	both.Wait()
}

// tell prints what passed in each second.
func tell(up, down *bucket) {
	for range time.Tick(time.Second) {
		fmt.Println(up.passed.Swap(0), down.passed.Swap(0))
	}
}

func main() {
	listen := flag.Int("listen", 0, "port to listen at, on the loopback")
	target := flag.Int("target", 0, "port to pass all on to")
	latency := flag.Duration("latency", 50*time.Millisecond, "of a request and its answer")
	each := flag.Float64("each", 20, "megabytes a second of a connection, in each direction")
	total := flag.Float64("total", 120, "megabytes a second of all connections, in each direction")
	flag.Parse()
	listener, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", *listen))
	if err != nil {
		log.Fatal(err)
	}
	up, down := &bucket{rate: *total * 1e6}, &bucket{rate: *total * 1e6}
	go tell(up, down)
	for {
		client, err := listener.Accept()
		if err != nil {
			log.Fatal(err)
		}
		go serve(client.(*net.TCPConn), fmt.Sprintf("127.0.0.1:%d", *target), *each*1e6, up, down, *latency/2)
	}
}
