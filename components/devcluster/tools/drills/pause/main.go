// Command pause keeps a pod's sandbox open: it waits, reaps the children that it inherits, and exits on SIGTERM.
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
		reap() // before the first wait too: a child may have ended before the handler was set
		if <-signals != syscall.SIGCHLD {
			return
		}
	}
}

// reap collects every child that has ended, because the kernel may merge several signals into one.
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
