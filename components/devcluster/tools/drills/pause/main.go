// pause holds a pod's sandbox open: it does nothing, reaps the children it inherits, and exits when told to stop.
package main

import (
	"os"
	"os/signal"
	"syscall"
)

func main() {
	signals := make(chan os.Signal, 8)
	signal.Notify(signals, syscall.SIGTERM, syscall.SIGINT, syscall.SIGCHLD)
	for {
		reap() // before the first wait too: a child may have ended before anybody listened
		if <-signals != syscall.SIGCHLD {
			return
		}
	}
}

// reap collects every child that has ended: signals may have been merged into one.
func reap() {
	for {
		child, err := syscall.Wait4(-1, nil, syscall.WNOHANG, nil)
		if err == syscall.EINTR {
			continue
		}
		if err != nil || child <= 0 {
			return
		}
	}
}
