package main

import (
	"context"
	"fmt"
	"time"
)

// wrongAddress enters a service where there is none.
func (w *windows) wrongAddress(ctx context.Context) error {
	u := w.alice
	if err := u.toServiceForm(ctx); err != nil {
		return err
	}
	if err := u.main.write(ctx, "127.77.255.254"); err != nil {
		return err
	}
	if err := u.main.press(ctx, "Return"); err != nil {
		return err
	}
	entered := time.Now()
	err := u.main.has(ctx, "a red sentence", mainWhole, danger, sameInText, 0.0003, 15*time.Second)
	w.report.holds("a wrong service address is told in the window", err == nil, fmt.Sprint(err))
	w.report.atMost("a wrong service address is told within", u.main.looked.Sub(entered).Seconds(), 8, "s")
	u.keepShot(ctx, "3-wrong-address")
	return err
}

// toServiceForm goes to the service's address in Settings by the Tab key: past the own name and link, the name's field, and
// the two choices for this network.
func (u *user) toServiceForm(ctx context.Context) error {
	if err := u.main.press(ctx, "ctrl+3"); err != nil {
		return err
	}
	if err := pause(ctx, 500*time.Millisecond); err != nil {
		return err
	}
	return u.main.press(ctx, "Tab", "Tab", "Tab", "Tab", "Tab", "Tab", "ctrl+a")
}

// signsInto is the step in which somebody enters a service, and waits until the header says reachable.
func (u *user) signsInto(host string) func(context.Context) error {
	return func(ctx context.Context) error {
		if err := u.toServiceForm(ctx); err != nil {
			return err
		}
		if err := u.main.write(ctx, host); err != nil {
			return err
		}
		if err := u.main.press(ctx, "Return"); err != nil {
			return err
		}
		err := u.reachable(ctx)
		u.b.report.holds(u.name+" enters the service and is reachable", err == nil, fmt.Sprint(err))
		u.keepShot(ctx, "4-signed-in")
		return err
	}
}
