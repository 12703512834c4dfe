// Command naive is a web backend as many are first written: it starts slowly, and exits at once on SIGTERM.
//
// Environment: PORT (8080); START_SECONDS (5) until it listens; ANSWER_MILLISECONDS (20) for each response; BURN (0)
// milliseconds of processor time for each request; FAIL_AT_START, if set, exits with code 1 at the start.
// Every path responds with 200 and the host's name. GET /hang makes it hang like a deadlocked process: it accepts requests
// and never responds again.
package main

import (
	"fmt"
	"net/http"
	"os"
	"os/signal"
	"runtime"
	"strconv"
	"sync/atomic"
	"syscall"
	"time"
)

const most = 1e6 // bound on every number: enough for every use, and far from an overflow

func main() {
	go exitAtOnce()
	if os.Getenv("FAIL_AT_START") != "" {
		fail("FAIL_AT_START is set")
	}
	port := port()
	start := duration("START_SECONDS", 5, time.Second)
	answer := duration("ANSWER_MILLISECONDS", 20, time.Millisecond)
	burn := duration("BURN", 0, time.Millisecond)
	host, err := os.Hostname()
	if err != nil {
		fail(err)
	}
	time.Sleep(start)

	var hanging atomic.Bool
	handler := http.HandlerFunc(func(writer http.ResponseWriter, request *http.Request) {
		if request.URL.Path == "/hang" {
			hanging.Store(true)
		}
		if hanging.Load() {
			select {}
		}
		use(burn)
		time.Sleep(answer)
		writer.Header().Set("Content-Type", "text/plain; charset=utf-8")
		fmt.Fprintln(writer, host)
	})
	fail(http.ListenAndServe(":"+port, handler))
}

func exitAtOnce() {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGTERM, syscall.SIGINT)
	<-signals
	os.Exit(0)
}

// use consumes processor time, not elapsed time: under a CPU limit a request takes longer and costs the same.
func use(length time.Duration) {
	if length == 0 {
		return
	}
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	for end := used() + length; used() < end; {
	}
}

// used returns the processor time of this thread.
func used() time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_THREAD, &usage); err != nil {
		fail(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

func port() string {
	text := os.Getenv("PORT")
	if text == "" {
		return "8080"
	}
	if number, err := strconv.ParseUint(text, 10, 16); err != nil || number == 0 {
		fail(fmt.Sprintf("PORT=%q is not a port; right would be a number from 1 to 65535", text))
	}
	return text
}

func duration(name string, otherwise float64, unit time.Duration) time.Duration {
	value := otherwise
	if text := os.Getenv(name); text != "" {
		var err error
		if value, err = strconv.ParseFloat(text, 64); err != nil || !(value >= 0 && value <= most) {
			fail(fmt.Sprintf("%s=%q is not a number from 0 to %.0f", name, text, most))
		}
	}
	return time.Duration(value * float64(unit))
}

func fail(why any) {
	fmt.Fprintln(os.Stderr, "naive:", why)
	os.Exit(1)
}
