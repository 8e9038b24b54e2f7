package main

import (
	"io"
	"net/http"
	"slices"
)

// Report is what arrived.
type Report struct {
	Service string `json:"service"`
	Pod     string `json:"pod"`
	Method  string `json:"method"`
	// Target is the request target, byte for byte.
	Target string `json:"target"`
	Host   string `json:"host"`
	Proto  string `json:"proto"`
	// Headers are name and value. With HTTP/1 in the spelling and order of arrival, Host included.
	Headers    [][2]string `json:"headers"`
	AsArrived  bool        `json:"headersAsArrived"`
	BodyLength int64       `json:"bodyLength"`
	RemoteAddr string      `json:"remoteAddr"`
}

// describe reads the whole body, unless the request is an upgrade. The head is taken before: reading the
// body is the last moment at which the recorder holds only this request's bytes.
func describe(service, pod string, r *http.Request) Report {
	headers, asArrived := arrivedHeaders(r)
	report := Report{
		Service: service, Pod: pod, Method: r.Method, Target: r.RequestURI, Host: r.Host, Proto: r.Proto,
		Headers: headers, AsArrived: asArrived, RemoteAddr: r.RemoteAddr,
	}
	report.BodyLength, _ = io.Copy(io.Discard, r.Body)
	forgetHead(r)
	return report
}

func arrivedHeaders(r *http.Request) ([][2]string, bool) {
	if headers, ok := recordedHeaders(r); ok {
		return headers, true
	}
	names := make([]string, 0, len(r.Header))
	for name := range r.Header {
		names = append(names, name)
	}
	slices.Sort(names)
	headers := [][2]string{}
	for _, name := range names {
		for _, value := range r.Header[name] {
			headers = append(headers, [2]string{name, value})
		}
	}
	return headers, false
}
