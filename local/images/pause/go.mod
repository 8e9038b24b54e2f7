module edgeplane.local/pause

go 1.26
