package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// behave answers with the report, changed by the reserved query keys, so that any path may be asked:
//
//	__status=503          the status
//	__sleep=3s            wait first
//	__header=Name:value   a response header; repeatable
//	__set-cookie=a=b      a Set-Cookie header; repeatable
//	__bytes=N             N bytes instead of the report
//	__sse=3x700ms         three server-sent events, 700 ms apart
//	__abort=1             close the connection without an answer
//
// A request to upgrade to websocket gets every frame back.
func behave(w http.ResponseWriter, r *http.Request, report Report) {
	query := r.URL.Query()
	if wait, err := time.ParseDuration(query.Get("__sleep")); err == nil {
		select {
		case <-time.After(wait):
		case <-r.Context().Done():
			return
		}
	}
	if query.Get("__abort") != "" {
		panic(http.ErrAbortHandler)
	}
	if strings.EqualFold(r.Header.Get("Upgrade"), "websocket") {
		echoWebsocket(w, r)
		return
	}
	w.Header().Set("X-Echo-Service", report.Service)
	for _, header := range query["__header"] {
		name, value, _ := strings.Cut(header, ":")
		w.Header().Add(name, strings.TrimSpace(value))
	}
	for _, cookie := range query["__set-cookie"] {
		w.Header().Add("Set-Cookie", cookie)
	}
	if plan := query.Get("__sse"); plan != "" {
		sendEvents(w, r, plan)
		return
	}
	status := http.StatusOK
	if wanted, err := strconv.Atoi(query.Get("__status")); err == nil && wanted >= 200 && wanted <= 599 {
		status = wanted
	}
	if size, err := strconv.ParseInt(query.Get("__bytes"), 10, 64); err == nil {
		sendBytes(w, status, size)
		return
	}
	sendJSON(w, status, report)
}

func sendJSON(w http.ResponseWriter, status int, value any) {
	if w.Header().Get("Content-Type") == "" {
		w.Header().Set("Content-Type", "application/json")
	}
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(value)
}

func sendBytes(w http.ResponseWriter, status int, size int64) {
	w.Header().Set("Content-Type", "application/octet-stream")
	w.Header().Set("Content-Length", strconv.FormatInt(size, 10))
	w.WriteHeader(status)
	chunk := []byte(strings.Repeat("x", 32<<10))
	for size > 0 {
		part := chunk[:min(size, int64(len(chunk)))]
		if _, err := w.Write(part); err != nil {
			return
		}
		size -= int64(len(part))
	}
}

func sendEvents(w http.ResponseWriter, r *http.Request, plan string) {
	countText, gapText, _ := strings.Cut(plan, "x")
	count, countErr := strconv.Atoi(countText)
	gap, gapErr := time.ParseDuration(gapText)
	if countErr != nil || gapErr != nil {
		http.Error(w, "__sse: expected COUNTxDURATION such as 3x700ms, found "+plan, http.StatusBadRequest)
		return
	}
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("Cache-Control", "no-store")
	flush := http.NewResponseController(w)
	for i := range count {
		if i > 0 {
			select {
			case <-time.After(gap):
			case <-r.Context().Done():
				return
			}
		}
		fmt.Fprintf(w, "id: %d\ndata: {\"n\":%d}\n\n", i+1, i+1)
		_ = flush.Flush()
	}
}
