package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"time"
)

const (
	// stopGrace is how long a program may take to end when asked to.
	stopGrace = 8 * time.Second
	// logLimit is what is kept of a program's log, in bytes.
	logLimit = 1 << 20
)

// program is a running program. Three goroutines serve it: two read its output, one waits for its end; they end with it.
type program struct {
	name    string
	cmd     *exec.Cmd
	orders  io.WriteCloser // its standard input, for who has asked for it before it was started
	record  io.Writer      // gets a copy of its standard output; nil: none is kept
	started time.Time
	done    chan struct{} // closed when it has ended and its output is read

	mu     sync.Mutex
	events []event
	bad    []string // lines of standard output that are no event
	log    bytes.Buffer
	more   chan struct{} // closed and replaced with each event
	status int           // once done
}

// start runs a program. Its standard output is read as events, one a line. It does not outlive this process.
func start(name string, env []string, path string, args ...string) (*program, error) {
	p := prepare(name, env, path, args...)
	return p, p.run()
}

// prepare is start without the start.
func prepare(name string, env []string, path string, args ...string) *program {
	p := &program{name: name, done: make(chan struct{}), more: make(chan struct{})}
	p.cmd = exec.Command(path, args...)
	p.cmd.Env = append(os.Environ(), env...)
	p.cmd.SysProcAttr = diesWithUs()
	return p
}

// diesWithUs has a program not outlive this process, and not hear of a Ctrl-C that is for this process: that ends programs in good order.
func diesWithUs() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, Setpgid: true}
}

// run starts a program that was prepared.
func (p *program) run() error {
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		return err
	}
	errs, err := p.cmd.StderrPipe()
	if err != nil {
		return err
	}
	p.started = time.Now()
	if err := p.cmd.Start(); err != nil {
		return fmt.Errorf("starting %s: %w", p.name, err)
	}
	var reading sync.WaitGroup
	printed := io.Reader(out)
	if p.record != nil {
		printed = io.TeeReader(out, p.record)
	}
	reading.Go(func() { p.readEvents(printed) })
	reading.Go(func() { p.readLog(errs) })
	go func() {
		reading.Wait()
		_ = p.cmd.Wait() // the status tells
		p.mu.Lock()
		p.status = p.cmd.ProcessState.ExitCode()
		p.mu.Unlock()
		close(p.done)
	}()
	return nil
}

// order writes a line to the program's standard input.
func (p *program) order(format string, args ...any) error {
	if _, err := fmt.Fprintf(p.orders, format+"\n", args...); err != nil {
		return fmt.Errorf("%s takes no orders: %w: %s", p.name, err, p.tail())
	}
	return nil
}

func (p *program) readEvents(r io.Reader) {
	lines := bufio.NewScanner(r)
	for lines.Scan() {
		var e event
		err := json.Unmarshal(lines.Bytes(), &e)
		p.mu.Lock()
		if err != nil || e.Event == "" {
			p.bad = append(p.bad, lines.Text())
		} else {
			p.events = append(p.events, e)
		}
		close(p.more)
		p.more = make(chan struct{})
		p.mu.Unlock()
	}
	_, _ = io.Copy(io.Discard, r)
}

func (p *program) readLog(r io.Reader) {
	buffer := make([]byte, 4096)
	for {
		n, err := r.Read(buffer)
		p.mu.Lock()
		if p.log.Len() < logLimit {
			p.log.Write(buffer[:n])
		}
		p.mu.Unlock()
		if err != nil {
			return
		}
	}
}

// serves waits until a program that was just started does what it is for; so tells what is missing. If it does not come to that, the
// program is ended.
func (p *program) serves(ctx context.Context, patience time.Duration, so func() error) error {
	for deadline := time.Now().Add(patience); ; {
		err := so()
		if err == nil {
			return nil
		}
		if !p.running() {
			return fmt.Errorf("%s ended with %d: %s", p.name, p.exit(), p.tail())
		}
		if time.Now().After(deadline) {
			p.stop()
			return fmt.Errorf("%s does not serve after %v: %w: %s", p.name, patience, err, p.tail())
		}
		if err := pause(ctx, 20*time.Millisecond); err != nil {
			p.stop()
			return err
		}
	}
}

// all are the events so far for which is is true.
func (p *program) all(is func(event) bool) []event {
	p.mu.Lock()
	events := p.events // what is in there stays, and is() may ask for others
	p.mu.Unlock()
	var found []event
	for _, e := range events {
		if is(e) {
			found = append(found, e)
		}
	}
	return found
}

// waitFor waits for an event, also among those that came already.
func (p *program) waitFor(ctx context.Context, timeout time.Duration, what string, is func(event) bool) (event, error) {
	late := time.NewTimer(timeout)
	defer late.Stop()
	ended := false
	for {
		p.mu.Lock()
		more := p.more
		p.mu.Unlock()
		if found := p.all(is); len(found) > 0 {
			return found[0], nil
		}
		if ended {
			return event{}, fmt.Errorf("%s ended with %d before %s: %s", p.name, p.exit(), what, p.tail())
		}
		select {
		case <-more:
		case <-p.done:
			ended = true
		case <-late.C:
			return event{}, fmt.Errorf("%s: no %s within %v: %s", p.name, what, timeout, p.tail())
		case <-ctx.Done():
			return event{}, ctx.Err()
		}
	}
}

// wait waits for the program's end and returns its exit status; -1 when a signal ended it.
func (p *program) wait(ctx context.Context, timeout time.Duration) (int, error) {
	late := time.NewTimer(timeout)
	defer late.Stop()
	select {
	case <-p.done:
		return p.exit(), nil
	case <-late.C:
		return 0, fmt.Errorf("%s still runs after %v: %s", p.name, timeout, p.tail())
	case <-ctx.Done():
		return 0, ctx.Err()
	}
}

func (p *program) exit() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.status
}

func (p *program) signal(s syscall.Signal) { _ = p.cmd.Process.Signal(s) }

func (p *program) running() bool {
	select {
	case <-p.done:
		return false
	default:
		return true
	}
}

// kill ends the program at once, as a power failure would.
func (p *program) kill() {
	p.signal(syscall.SIGKILL)
	<-p.done
}

// stop asks the program to end, and makes it when it does not.
func (p *program) stop() {
	p.signal(syscall.SIGTERM)
	select {
	case <-p.done:
	case <-time.After(stopGrace):
		p.kill()
	}
}

// tail is the end of the log and of what was printed that is no event, on one line.
func (p *program) tail() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	const most = 600
	text := strings.TrimSpace(p.log.String())
	if len(p.bad) > 0 {
		text = strings.TrimSpace(strings.Join(p.bad, "\n") + "\n" + text)
	}
	text = strings.ReplaceAll(text, "\n", " | ")
	if at := strings.Index(text, "panic: "); at >= 0 { // then the cause stands at the beginning
		return text[at:min(len(text), at+most)]
	}
	if len(text) > most {
		text = "… " + text[len(text)-most:]
	}
	if text == "" {
		return "its log is empty"
	}
	return text
}

// logText is the whole log.
func (p *program) logText() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.log.String()
}

// runTool runs a tool to its end and returns its standard output.
func runTool(ctx context.Context, env []string, name string, args ...string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Env = append(os.Environ(), env...)
	out, err := cmd.Output()
	var failed *exec.ExitError
	if errors.As(err, &failed) {
		return out, fmt.Errorf("%s: %w: %s", name, err, strings.TrimSpace(string(failed.Stderr)))
	}
	return out, err
}
