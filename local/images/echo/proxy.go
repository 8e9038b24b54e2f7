package main

import (
	"encoding/binary"
	"errors"
	"io"
	"net"
	"sync"
	"time"
)

// The first twelve bytes of a PROXY protocol v2 header (proxy-protocol.txt, section 2.2).
const proxySignature = "\r\n\r\n\x00\r\nQUIT\n"

var errNoProxyHeader = errors.New("no PROXY protocol v2 header")

// proxyListener requires a PROXY v2 header on every connection: one without is closed unanswered, so that
// nobody may choose an address by leaving it out.
type proxyListener struct{ net.Listener }

func (l proxyListener) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return &proxyConn{Conn: conn}, nil
}

type proxyConn struct {
	net.Conn
	once   sync.Once
	remote net.Addr
	err    error
}

// The header is read when first needed, in the connection's own goroutine, so a silent client blocks no other.
func (c *proxyConn) readHeader() {
	c.once.Do(func() {
		_ = c.Conn.SetReadDeadline(time.Now().Add(5 * time.Second))
		c.remote, c.err = readProxyHeader(c.Conn)
		_ = c.Conn.SetReadDeadline(time.Time{})
		if c.remote == nil {
			c.remote = c.Conn.RemoteAddr()
		}
	})
}

func (c *proxyConn) Read(into []byte) (int, error) {
	c.readHeader()
	if c.err != nil {
		return 0, io.EOF // Any other error the server would answer with a 400.
	}
	return c.Conn.Read(into)
}

func (c *proxyConn) RemoteAddr() net.Addr {
	c.readHeader()
	return c.remote
}

// readProxyHeader gives no address for the LOCAL command (the sender's own health check).
func readProxyHeader(r io.Reader) (net.Addr, error) {
	var head [16]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return nil, err
	}
	if string(head[:12]) != proxySignature || head[12]>>4 != 2 {
		return nil, errNoProxyHeader
	}
	body := make([]byte, binary.BigEndian.Uint16(head[14:16]))
	if _, err := io.ReadFull(r, body); err != nil {
		return nil, err
	}
	command, family := head[12]&0xF, head[13]
	switch {
	case command == 0:
		return nil, nil
	case family == 0x11 && len(body) >= 12:
		return &net.TCPAddr{IP: net.IP(body[0:4]), Port: int(binary.BigEndian.Uint16(body[8:10]))}, nil
	case family == 0x21 && len(body) >= 36:
		return &net.TCPAddr{IP: net.IP(body[0:16]), Port: int(binary.BigEndian.Uint16(body[32:34]))}, nil
	}
	return nil, errNoProxyHeader
}
