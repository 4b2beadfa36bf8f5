package phone

import (
	"context"
	"os"
	"os/signal"
	"syscall"
	"time"
)

// insistAfter is how long a program may take to end well, until a second signal ends it at once.
const insistAfter = 2 * time.Second

// UntilSignal is the context of a whole program: it ends with the first SIGINT or SIGTERM.
func UntilSignal() context.Context {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	// Who asks again after a while means it. Not sooner: timeout(1) sends its signal twice.
	context.AfterFunc(ctx, func() { time.AfterFunc(insistAfter, stop) })
	return ctx
}
