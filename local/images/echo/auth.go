package main

import (
	"net/http"
	"strings"
	"time"
)

const slowAnswer = 30 * time.Second

// answerAuth decides by the bearer token alone, so that a test chooses the answer of the auth server:
// good 200, forbidden 403, redirect 302, broken 500, slow 200 after 30 s, anything else 401.
func answerAuth(w http.ResponseWriter, r *http.Request) {
	token, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	switch token {
	case "slow":
		select {
		case <-time.After(slowAnswer):
		case <-r.Context().Done():
			return
		}
		admit(w)
	case "good":
		admit(w)
	case "forbidden":
		http.Error(w, "forbidden", http.StatusForbidden)
	case "redirect":
		http.Redirect(w, r, "https://login.example.test/sign-in", http.StatusFound)
	case "broken":
		http.Error(w, "broken", http.StatusInternalServerError)
	default:
		w.Header().Set("WWW-Authenticate", `Bearer realm="echo"`)
		http.Error(w, "who are you?", http.StatusUnauthorized)
	}
}

func admit(w http.ResponseWriter) {
	w.Header().Set("X-Auth-User", "alice")
	w.Header().Set("X-Auth-Groups", "staff")
	w.WriteHeader(http.StatusOK)
}
