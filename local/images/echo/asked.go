package main

import (
	"net/http"
	"sync"
	"sync/atomic"
)

const askedLimit = 1000

// asked remembers the last requests, so that a test can tell what a server was asked, and that it was not.
type asked struct {
	mu      sync.Mutex
	reports []Report
}

func (a *asked) add(report Report) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.reports = append(a.reports, report)
	if len(a.reports) > askedLimit {
		a.reports = a.reports[1:]
	}
}

func (a *asked) list() []Report {
	a.mu.Lock()
	defer a.mu.Unlock()
	return append([]Report{}, a.reports...)
}

func (a *asked) forget() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.reports = nil
}

// healthHandler serves /healthz (503 once draining) and /__asked (GET lists, DELETE forgets).
func healthHandler(seen *asked, draining *atomic.Bool) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("/healthz", func(w http.ResponseWriter, _ *http.Request) {
		if draining.Load() {
			http.Error(w, "draining", http.StatusServiceUnavailable)
			return
		}
		_, _ = w.Write([]byte("ok\n"))
	})
	mux.HandleFunc("GET /__asked", func(w http.ResponseWriter, _ *http.Request) { sendJSON(w, http.StatusOK, seen.list()) })
	mux.HandleFunc("DELETE /__asked", func(w http.ResponseWriter, _ *http.Request) {
		seen.forget()
		w.WriteHeader(http.StatusNoContent)
	})
	return mux
}
