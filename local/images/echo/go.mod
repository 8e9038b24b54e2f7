module edgeplane.local/echo

go 1.26
