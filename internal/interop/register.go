package main

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"net/url"

	"sundog.dev/sundog/rtmfp"
	"sundog.dev/sundog/rtmfp/amf"
	"sundog.dev/sundog/rtmfp/flash"
	"sundog.dev/sundog/rtmfp/flashcrypto"
)

// register makes an endpoint known to a service, so that it introduces others to it: what a NetConnection does, by hand, for
// an endpoint whose flows are not RTMP's. The registration lasts as long as the session that is returned.
func register(ctx context.Context, end *rtmfp.Endpoint, uri string) (*rtmfp.Session, error) {
	u, err := url.Parse(uri)
	if err != nil {
		return nil, err
	}
	addr, err := netip.ParseAddrPort(u.Host)
	if err != nil {
		return nil, fmt.Errorf("the service must be given by address and port: %w", err)
	}
	session, err := dial(ctx, end, flashcrypto.AncillaryEPD(uri), addr)
	if err != nil {
		return nil, err
	}
	session.SetAcceptForwarded(true)
	control, err := session.OpenFlow(flash.AppendMetadata(nil, 0, false), rtmfp.FlowOptions{Priority: rtmfp.PriorityData})
	if err != nil {
		return nil, err
	}
	connect := flash.Command{Name: "connect", Transaction: 1, Object: amf.Object{
		{Name: "app", Value: u.Path}, {Name: "tcUrl", Value: uri}, {Name: "objectEncoding", Value: 0.0},
	}}
	if err := writeCommand(ctx, control, connect); err != nil {
		return nil, err
	}
	answers, err := session.AcceptFlow(ctx)
	if err != nil {
		return nil, err
	}
	for {
		b, err := answers.Read(ctx)
		if err != nil {
			return nil, err
		}
		m, err := flash.ParseMessage(b)
		if err != nil {
			return nil, err
		}
		switch c, err := flash.ParseCommand(m.Type, m.Payload); {
		case err != nil: // user control, say
		case c.Name == flash.CommandError:
			return nil, errors.New("the service refuses")
		case c.Name == flash.CommandResult:
			return session, writeCommand(ctx, control, flash.SetPeerInfo([]string{end.LocalAddr().String()}))
		}
	}
}

func writeCommand(ctx context.Context, f *rtmfp.SendFlow, c flash.Command) error {
	payload, err := flash.AppendCommand(nil, c)
	if err != nil {
		return err
	}
	_, err = f.Write(ctx, flash.AppendMessage(nil, flash.MessageCommand, 0, payload), rtmfp.MessageOptions{})
	return err
}
