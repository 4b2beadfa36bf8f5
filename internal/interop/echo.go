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
	service := f.String("register", "", "register at the service of this `URI`, which then introduces others")
	if err := parse(f, args, 0); err != nil {
		return err
	}
	end, err := id.listening(rtmfp.Config{}, out)
	if err != nil {
		return err
	}
	defer func() { _ = end.Close() }()
	if *service != "" {
		session, err := register(ctx, end, *service)
		if err != nil {
			return err
		}
		out.tell("registered", figures{"at": session.FarAddr().String()})
	}
	return serve(ctx, end, out, *once, func(f *rtmfp.RecvFlow) { echoFlow(ctx, f, out) })
}

// echoFlow answers each message with itself, as long as the far end takes the answers.
func echoFlow(ctx context.Context, f *rtmfp.RecvFlow, out *reporter) {
	received, size, echoed := 0, 0, 0
	back, refused := f.Session().OpenFlow(append([]byte("echo of "), f.Metadata()...), rtmfp.FlowOptions{ReturnOf: f})
	for {
		msg, err := f.Read(ctx)
		if err != nil {
			if back != nil {
				_ = back.Close()
			}
			report := figures{"flow": string(f.Metadata()), "received": received, "bytes": size, "echoed": echoed, "end": err.Error()}
			if refused != nil {
				report["refused"] = refused.Error()
			}
			out.tell("echoed", report)
			return
		}
		received++
		size += len(msg)
		if refused == nil {
			if _, refused = back.Write(ctx, msg, rtmfp.MessageOptions{}); refused == nil {
				echoed++
			}
		}
	}
}
