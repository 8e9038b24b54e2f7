package main

import (
	"bufio"
	"crypto/sha1"
	"encoding/base64"
	"encoding/binary"
	"io"
	"net/http"
)

const (
	opClose = 0x8
	opPing  = 0x9
	opPong  = 0xA
	// The server's answer to a key, RFC 6455 section 4.2.2.
	websocketGUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
	frameLimit    = 16 << 20
)

// echoWebsocket sends every frame back as it came, fragments included, until the client closes.
func echoWebsocket(w http.ResponseWriter, r *http.Request) {
	conn, stream, err := http.NewResponseController(w).Hijack()
	if err != nil {
		http.Error(w, "websocket: the connection cannot be taken over: "+err.Error(), http.StatusInternalServerError)
		return
	}
	defer conn.Close()
	sum := sha1.Sum([]byte(r.Header.Get("Sec-WebSocket-Key") + websocketGUID))
	_, _ = stream.WriteString("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
		"Sec-WebSocket-Accept: " + base64.StdEncoding.EncodeToString(sum[:]) + "\r\n\r\n")
	if stream.Flush() != nil {
		return
	}
	for {
		first, payload, err := readFrame(stream.Reader)
		if err != nil {
			return
		}
		if first&0xF == opPing {
			first = first&0xF0 | opPong
		}
		if writeFrame(stream.Writer, first, payload) != nil || first&0xF == opClose {
			return
		}
	}
}

func readFrame(r *bufio.Reader) (byte, []byte, error) {
	var head [2]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return 0, nil, err
	}
	size := uint64(head[1] & 0x7F)
	switch size {
	case 126:
		var extended [2]byte
		if _, err := io.ReadFull(r, extended[:]); err != nil {
			return 0, nil, err
		}
		size = uint64(binary.BigEndian.Uint16(extended[:]))
	case 127:
		var extended [8]byte
		if _, err := io.ReadFull(r, extended[:]); err != nil {
			return 0, nil, err
		}
		size = binary.BigEndian.Uint64(extended[:])
	}
	// A client's frames are masked; one that is not, or is too long, ends the connection.
	if head[1]&0x80 == 0 || size > frameLimit {
		return 0, nil, io.ErrUnexpectedEOF
	}
	var mask [4]byte
	payload := make([]byte, size)
	if _, err := io.ReadFull(r, mask[:]); err != nil {
		return 0, nil, err
	}
	if _, err := io.ReadFull(r, payload); err != nil {
		return 0, nil, err
	}
	for i := range payload {
		payload[i] ^= mask[i%4]
	}
	return head[0], payload, nil
}

func writeFrame(w *bufio.Writer, first byte, payload []byte) error {
	head := []byte{first}
	switch size := len(payload); {
	case size < 126:
		head = append(head, byte(size))
	case size < 1<<16:
		head = binary.BigEndian.AppendUint16(append(head, 126), uint16(size))
	default:
		head = binary.BigEndian.AppendUint64(append(head, 127), uint64(size))
	}
	_, _ = w.Write(head)
	_, _ = w.Write(payload)
	return w.Flush()
}
