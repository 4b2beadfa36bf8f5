package main

import (
	"context"
	"flag"
	"strings"
	"time"

	"sundog.dev/sundog/rtmfp"
	"sundog.dev/sundog/rtmfp/amf"
	"sundog.dev/sundog/rtmfp/flash"
)

// netConnection makes a NetConnection, not connected yet.
func (id *identity) netConnection() (*flash.NetConnection, error) {
	end, profile, err := id.endpoint(rtmfp.Config{})
	if err != nil {
		return nil, err
	}
	return flash.NewNetConnection(flash.Config{Endpoint: end, NearID: profile.Fingerprint(), Log: id.log()}), nil
}

// connected makes a NetConnection that is connected to the service of a URI.
func (id *identity) connected(ctx context.Context, uri string, out *reporter, args ...amf.Value) (*flash.NetConnection, error) {
	nc, err := id.netConnection()
	if err != nil {
		return nil, err
	}
	trying, cancel := context.WithTimeout(ctx, answerWait)
	defer cancel()
	if err := nc.Connect(trying, uri, args...); err != nil {
		_ = nc.Close()
		return nil, unanswered(err, uri)
	}
	service := nc.Service()
	if service == nil {
		return nil, flash.ErrNotConnected
	}
	out.tell("connected", figures{
		"to": service.FarAddr().String(), "fingerprint": fingerprint(service), "near_id": nc.NearID().String(),
	})
	return nc, nil
}

func runConnect(ctx context.Context, f *flag.FlagSet, args []string, out *reporter) error {
	var id identity
	id.flags(f, "0.0.0.0:0")
	duration := f.Duration("time", 2*time.Second, "stay for this `time`")
	tell := f.String("tell", "", "have the service relay `id,text` to another client")
	command := f.String("call", "", "call this `command` and tell its result")
	auth := f.String("auth", "", "further arguments of connect, with `commas` between")
	if err := parse(f, args, 1); err != nil {
		return err
	}
	var connectArgs []amf.Value
	for arg := range strings.SplitSeq(*auth, ",") {
		if arg != "" {
			connectArgs = append(connectArgs, arg)
		}
	}
	nc, err := id.connected(ctx, f.Arg(0), out, connectArgs...)
	if err != nil {
		return err
	}
	defer func() { _ = nc.Close() }()
	if to, text, ok := strings.Cut(*tell, ","); ok {
		if err := nc.Invoke("relay", to, text); err != nil {
			return err
		}
	}
	if *command != "" {
		values, err := nc.Call(ctx, *command)
		if err != nil {
			return err
		}
		out.tell("result", figures{"values": values})
	}
	ctx, cancel := context.WithTimeout(ctx, *duration)
	defer cancel()
	for {
		event, err := nc.Next(ctx)
		if err != nil {
			return nil // the time is over
		}
		switch e := event.(type) {
		case flash.Status:
			out.tell("status", figures{"code": e.Code, "level": e.Level, "description": e.Description, "details": e.Details})
		case flash.Invocation:
			out.tell("invoked", figures{"command": e.Command, "args": e.Args})
		}
	}
}
