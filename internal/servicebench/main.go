// Servicebench loads a real sundogd process over loopback with simulated clients, and prints what it does in a second, how long
// it takes, and what a client costs: one RTMFP session, one signed registration and one stream of events each.
//
//	-sundogd FILE  the program (build/sundogd)
//	-clients N     10000
//	-seconds N     of each measurement (5)
//
// Clients and service share the machine's processors, so rates are what both do together; what a request costs the service
// alone is in the column beside, from its process's own clock. Exit status: 0 when all was measured, 1 otherwise, 2 for bad flags.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"runtime"
	"strconv"
	"time"
)

func main() {
	program := flag.String("sundogd", "build/sundogd", "the service's program")
	clients := flag.Int("clients", 10_000, "simulated clients")
	seconds := flag.Int("seconds", 5, "length of each measurement")
	phones := flag.String("phones", "", "be the RTMFP side of the clients, of the service at this address (used by the program itself)")
	flag.Parse()
	if flag.NArg() > 0 || *clients < 100 || *clients > 60_000 || *seconds < 1 {
		fmt.Fprintln(os.Stderr, "servicebench: there are no arguments, 100 to 60,000 clients, and at least one second")
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	var err error
	if *phones != "" {
		err = servePhones(ctx, *phones, *clients, os.Stdin, os.Stdout)
	} else {
		b := bench{clients: *clients, length: time.Duration(*seconds) * time.Second, out: os.Stdout}
		err = b.run(ctx, *program)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "servicebench:", err)
		os.Exit(1)
	}
}

// bench is a run.
type bench struct {
	clients int
	length  time.Duration
	out     io.Writer

	service *service
	phones  *phones
	owners  []owner
}

// run does one measurement after the other.
func (b *bench) run(ctx context.Context, program string) (err error) {
	if b.service, err = startService(ctx, program); err != nil {
		return err
	}
	defer b.service.stop()
	fmt.Fprintf(b.out, "sundogd with %d simulated clients on %d processors, which they share\n\n", b.clients, runtime.NumCPU())
	b.line("ready after the start, no flags but addresses", fmt.Sprintf("%.2f s", b.service.started.Seconds()), "")
	empty := b.service.memory()
	b.line("memory without clients", fmt.Sprintf("%d MB", empty>>20), "")

	if b.phones, err = startPhones(ctx, b.service.rtmfp, b.clients); err != nil {
		return err
	}
	defer b.phones.stop()
	ids, err := b.connect()
	if err != nil {
		return err
	}
	if b.owners, err = newOwners(ids); err != nil {
		return err
	}
	sessions := b.service.memory()
	if err := b.register(ctx); err != nil {
		return err
	}
	registered := b.service.memory()
	streams, err := b.openStreams(ctx)
	if err != nil {
		return err
	}
	defer streams.close()
	all := b.service.memory()
	b.line("memory of a session, connected", perClient(sessions-empty, b.clients), "")
	b.line("memory of a registration", perClient(registered-sessions, b.clients), "")
	b.line("memory of a stream that watches "+strconv.Itoa(watched)+" names", perClient(all-registered, b.clients), "")
	b.line("memory of a client with all three", perClient(all-empty, b.clients), fmt.Sprintf("%d MB in all", all>>20))

	for _, measure := range []func(context.Context) error{b.idle, b.lookUp, b.lookUpOld, b.renew, b.registerAgain, streams.delay, b.introduce, b.relay} {
		if err := measure(ctx); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// line prints a figure and what explains it.
func (b *bench) line(what, figure, more string) {
	fmt.Fprintf(b.out, "%-52s %14s   %s\n", what, figure, more)
}

// rate prints how often something was done, and what that cost the service.
func (b *bench) rate(what string, done int, took, processor time.Duration, more string) {
	cost := fmt.Sprintf("%.0f µs of a processor each", float64(processor.Microseconds())/float64(max(done, 1)))
	if more != "" {
		cost += ", " + more
	}
	b.line(what, fmt.Sprintf("%.0f /s", float64(done)/took.Seconds()), cost)
}

func perClient(bytes int64, clients int) string {
	return fmt.Sprintf("%.1f KB", float64(bytes)/float64(clients)/1024)
}

// phones is the process with the RTMFP side of the clients: a process of its own, since all their sockets and connections together
// are more than one may have.
type phones struct {
	cmd *exec.Cmd
	in  io.WriteCloser
	out *bufio.Scanner
}

func startPhones(ctx context.Context, rtmfp string, clients int) (*phones, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	p := &phones{cmd: exec.CommandContext(ctx, self, "-phones", rtmfp, "-clients", strconv.Itoa(clients))}
	p.cmd.Stderr = os.Stderr
	if p.in, err = p.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	p.out = bufio.NewScanner(out)
	p.out.Buffer(nil, 16<<20)
	return p, p.cmd.Start()
}

func (p *phones) stop() {
	_ = p.in.Close()
	_ = p.cmd.Wait()
}

// do has the phones do something, and reads what came of it.
func (p *phones) do(o order, into any) error {
	line, err := json.Marshal(o)
	if err != nil {
		return err
	}
	if _, err := p.in.Write(append(line, '\n')); err != nil {
		return err
	}
	if !p.out.Scan() {
		return fmt.Errorf("the phones have ended: %w", p.out.Err())
	}
	return json.Unmarshal(p.out.Bytes(), into)
}
