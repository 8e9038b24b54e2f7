package main

import (
	"bytes"
	"context"
	"net"
	"net/http"
	"strings"
	"sync"
)

// net/http keeps neither the order nor the spelling of header names. A conformance test needs both, so each
// connection records what was read since the last request, and the head is parsed from there again.

const recordLimit = 1 << 20

type recordingListener struct{ net.Listener }

func (l recordingListener) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return &recordingConn{Conn: conn}, nil
}

type recordingConn struct {
	net.Conn
	mu   sync.Mutex
	read []byte
}

func (c *recordingConn) Read(into []byte) (int, error) {
	n, err := c.Conn.Read(into)
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.read) < recordLimit {
		c.read = append(c.read, into[:n]...)
	}
	return n, err
}

type connKey struct{}

func rememberHead(ctx context.Context, conn net.Conn) context.Context {
	return context.WithValue(ctx, connKey{}, conn)
}

// recordedHeaders is false for HTTP/2 and for a pipelined request, whose bytes were read with another's.
func recordedHeaders(r *http.Request) ([][2]string, bool) {
	conn, ok := r.Context().Value(connKey{}).(*recordingConn)
	if !ok || r.ProtoMajor != 1 {
		return nil, false
	}
	conn.mu.Lock()
	head, _, complete := bytes.Cut(bytes.Clone(conn.read), []byte("\r\n\r\n"))
	conn.mu.Unlock()
	lines := strings.Split(string(head), "\r\n")
	if !complete || lines[0] != r.Method+" "+r.RequestURI+" "+r.Proto {
		return nil, false
	}
	headers := [][2]string{}
	for _, line := range lines[1:] {
		name, value, _ := strings.Cut(line, ":")
		headers = append(headers, [2]string{name, strings.TrimSpace(value)})
	}
	return headers, true
}

func forgetHead(r *http.Request) {
	if conn, ok := r.Context().Value(connKey{}).(*recordingConn); ok {
		conn.mu.Lock()
		conn.read = conn.read[:0]
		conn.mu.Unlock()
	}
}
