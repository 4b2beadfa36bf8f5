package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// display is a running X server without a screen.
type display struct {
	*program
	env []string // what makes a program use it
}

// startDisplay starts an X server on a display number of its own choice.
func (b *bench) startDisplay(ctx context.Context, width, height int) (*display, error) {
	// It prints the display's number to file 1.
	p, err := start("Xvfb", nil, "Xvfb", "-displayfd", "1", "-screen", "0", fmt.Sprintf("%dx%dx24", width, height), "-nolisten", "tcp", "-ac", "-noreset")
	if err != nil {
		return nil, err
	}
	number := ""
	if err := p.serves(ctx, soon, func() error {
		p.mu.Lock()
		defer p.mu.Unlock()
		if len(p.bad) == 0 {
			return errors.New("it tells no display")
		}
		number = strings.TrimSpace(p.bad[0])
		return nil
	}); err != nil {
		return nil, err
	}
	env := []string{
		"DISPLAY=:" + number, "WAYLAND_DISPLAY=", "XDG_SESSION_TYPE=x11", "LANG=en_US.UTF-8",
		// A program that is told of no bus starts one, which nobody ends.
		"DBUS_SESSION_BUS_ADDRESS=unix:path=" + filepath.Join(b.dir, "no-bus"),
	}
	return &display{program: p, env: env}, nil
}

// xdotool runs it on the display and returns what it prints, by lines.
func (d *display) xdotool(ctx context.Context, args ...string) ([]string, error) {
	out, err := runTool(ctx, d.env, "xdotool", args...)
	return strings.Fields(string(out)), err
}

// window waits for a visible window of that program with that title, and returns its id. Title is a regular expression.
func (d *display) window(ctx context.Context, p *program, title string, timeout time.Duration) (string, error) {
	pid := fmt.Sprint(p.cmd.Process.Pid)
	for deadline := time.Now().Add(timeout); ; time.Sleep(50 * time.Millisecond) {
		// xdotool fails when nothing is found.
		ids, _ := d.xdotool(ctx, "search", "--all", "--onlyvisible", "--pid", pid, "--name", title)
		if len(ids) > 0 {
			return ids[len(ids)-1], nil
		}
		select {
		case <-p.done:
			return "", fmt.Errorf("%s ended with %d: %s", p.name, p.exit(), p.tail())
		default:
		}
		if time.Now().After(deadline) || ctx.Err() != nil {
			names := d.titles(ctx, pid)
			return "", fmt.Errorf("%s shows no window %q within %v, but %q: %s", p.name, title, timeout, names, p.tail())
		}
	}
}

// titles are those of a program's visible windows.
func (d *display) titles(ctx context.Context, pid string) []string {
	ids, _ := d.xdotool(ctx, "search", "--all", "--onlyvisible", "--pid", pid, "--name", "")
	var names []string
	for _, id := range ids {
		name, _ := runTool(ctx, d.env, "xdotool", "getwindowname", id)
		names = append(names, strings.TrimSpace(string(name)))
	}
	return names
}

// place moves a window: there is no window manager that would.
func (d *display) place(ctx context.Context, id string, x, y int) error {
	_, err := d.xdotool(ctx, "windowmove", "--sync", id, fmt.Sprint(x), fmt.Sprint(y))
	return err
}

// shot is a picture of a window, or of the whole screen for "root".
func (d *display) shot(ctx context.Context, id string) (image.Image, error) {
	out, err := d.shotPNG(ctx, id)
	if err != nil {
		return nil, err
	}
	return png.Decode(bytes.NewReader(out))
}

// saveShot writes such a picture to a file.
func (d *display) saveShot(ctx context.Context, id, path string) error {
	out, err := d.shotPNG(ctx, id)
	if err != nil {
		return err
	}
	return os.WriteFile(path, out, 0o644)
}

func (d *display) shotPNG(ctx context.Context, id string) ([]byte, error) {
	return runTool(ctx, d.env, "import", "-silent", "-window", id, "png:-")
}
