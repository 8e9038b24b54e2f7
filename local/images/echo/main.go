// Command echo is the backend of the conformance and end-to-end suites: it answers every request with what
// arrived, as JSON, and misbehaves on request (see behaviour.go). With -auth it is a forward-auth server.
package main

import (
	"context"
	"errors"
	"flag"
	"log"
	"net"
	"net/http"
	"os"
	"os/signal"
	"sync/atomic"
	"syscall"
	"time"
)

type options struct {
	service     string
	listen      string
	health      string
	auth        bool
	acceptProxy bool
	drain       time.Duration
	grace       time.Duration
}

func parseOptions() options {
	var o options
	flag.StringVar(&o.service, "name", envOr("NAME", "echo"), "what this backend calls itself (default: $NAME)")
	flag.StringVar(&o.listen, "listen", ":8080", "address for requests")
	flag.StringVar(&o.health, "health", ":8081", "address for /healthz and /__asked")
	flag.BoolVar(&o.auth, "auth", false, "answer as a forward-auth server, see auth.go")
	flag.BoolVar(&o.acceptProxy, "accept-proxy", false, "require a PROXY protocol v2 header on every connection")
	flag.DurationVar(&o.drain, "drain", 2*time.Second, "after SIGTERM: time to keep accepting while health already fails")
	flag.DurationVar(&o.grace, "grace", 20*time.Second, "after -drain: time for requests in flight to finish")
	flag.Parse()
	return o
}

func envOr(name, otherwise string) string {
	if value := os.Getenv(name); value != "" {
		return value
	}
	return otherwise
}

func main() {
	o := parseOptions()
	seen := &asked{}
	var draining atomic.Bool
	health := &http.Server{Addr: o.health, Handler: healthHandler(seen, &draining)}
	go serveOrDie(func() error { return health.ListenAndServe() })

	server := &http.Server{Handler: requestHandler(o, seen), ConnContext: rememberHead, Protocols: new(http.Protocols)}
	server.Protocols.SetHTTP1(true)
	server.Protocols.SetUnencryptedHTTP2(true)
	listener, err := net.Listen("tcp", o.listen)
	if err != nil {
		log.Fatalf("echo: listening on %s: %v", o.listen, err)
	}
	if o.acceptProxy {
		listener = proxyListener{listener}
	}
	go serveOrDie(func() error { return server.Serve(recordingListener{listener}) })

	stop := make(chan os.Signal, 1)
	signal.Notify(stop, syscall.SIGTERM, syscall.SIGINT)
	<-stop
	draining.Store(true)
	time.Sleep(o.drain)
	ctx, cancel := context.WithTimeout(context.Background(), o.grace)
	defer cancel()
	if err := server.Shutdown(ctx); err != nil {
		log.Fatalf("echo: requests still in flight after %s: %v", o.grace, err)
	}
}

func serveOrDie(serve func() error) {
	if err := serve(); !errors.Is(err, http.ErrServerClosed) {
		log.Fatalf("echo: %v", err)
	}
}

func requestHandler(o options, seen *asked) http.Handler {
	pod, _ := os.Hostname()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		report := describe(o.service, pod, r)
		seen.add(report)
		if o.auth {
			answerAuth(w, r)
			return
		}
		behave(w, r, report)
	})
}
