package main

import (
	"context"
	"flag"

	"sundog.dev/sundog/rtmfp"
)

func runEcho(ctx context.Context, f *flag.FlagSet, args []string, out *reporter) error {
	id := identity{server: true, name: "echo"}
	id.flags(f, "127.0.0.1:0")
	once := f.Bool("once", false, "end after the first session")
	if err := parse(f, args, 0); err != nil {
		return err
	}
	return serve(ctx, &id, rtmfp.Config{}, out, *once, func(f *rtmfp.RecvFlow) { echoFlow(ctx, f, out) })
}

// echoFlow answers each message with itself.
func echoFlow(ctx context.Context, f *rtmfp.RecvFlow, out *reporter) {
	n, size := 0, 0
	back, err := f.Session().OpenFlow(append([]byte("echo of "), f.Metadata()...), rtmfp.FlowOptions{ReturnOf: f})
	for err == nil {
		var msg []byte
		if msg, err = f.Read(ctx); err == nil {
			n++
			size += len(msg)
			_, err = back.Write(ctx, msg, rtmfp.MessageOptions{})
		}
	}
	if back != nil {
		_ = back.Close()
	}
	out.tell("echoed", figures{"flow": string(f.Metadata()), "messages": n, "bytes": size, "end": err.Error()})
}
