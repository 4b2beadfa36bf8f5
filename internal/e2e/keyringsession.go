package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/godbus/dbus/v5"
)

// keyringPassword is the user's.
const keyringPassword = "the user's password"

// quietBus is a session bus on which nothing is started by being called.
const quietBus = `<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:path=%s</listen>
  <policy context="default"><allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/></policy>
</busconfig>
`

// desktop is a user's session: a bus, and a keyring that was unlocked when the user signed in.
type desktop struct {
	dir     string // what a home folder would hold
	address string // of the bus
	bus     *exec.Cmd
	keyring *exec.Cmd // nil: none
}

// newDesktop starts a session; without a keyring it is one that has none installed.
func newDesktop(ctx context.Context, dir string, keyring bool) (d *desktop, err error) {
	d = &desktop{dir: dir}
	for _, folder := range []string{"home", "data", "run"} {
		if err := os.MkdirAll(filepath.Join(dir, folder), 0o700); err != nil {
			return nil, err
		}
	}
	args := []string{"--session"}
	if !keyring {
		config := filepath.Join(dir, "bus.conf")
		if err := os.WriteFile(config, fmt.Appendf(nil, quietBus, filepath.Join(dir, "run", "bus")), 0o600); err != nil {
			return nil, err
		}
		args = []string{"--config-file=" + config}
	}
	d.bus = d.command("dbus-daemon", append(args, "--nofork", "--print-address")...)
	out, err := d.bus.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := d.bus.Start(); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			d.end()
		}
	}()
	if d.address, err = bufio.NewReader(out).ReadString('\n'); err != nil {
		return nil, fmt.Errorf("the bus tells no address: %w", err)
	}
	d.address = strings.TrimSpace(d.address)
	if keyring {
		err = d.startKeyring(ctx)
	}
	return d, err
}

// env is what programs of the session find. No display: who cannot be asked is not.
func (d *desktop) env() []string {
	env := []string{
		"HOME=" + filepath.Join(d.dir, "home"), "XDG_DATA_HOME=" + filepath.Join(d.dir, "data"), "XDG_RUNTIME_DIR=" + filepath.Join(d.dir, "run"),
		"PATH=" + os.Getenv("PATH"), "LANG=C.UTF-8",
	}
	if d.address != "" {
		env = append(env, d.busVariable())
	}
	return env
}

// busVariable is the one by which programs find the bus.
func (d *desktop) busVariable() string { return "DBUS_SESSION_BUS_ADDRESS=" + d.address }

func (d *desktop) command(name string, args ...string) *exec.Cmd {
	cmd := exec.Command(name, args...)
	cmd.Env = d.env()
	cmd.SysProcAttr = diesWithUs()
	return cmd
}

// startKeyring starts the keyring as signing in does: with the user's password, which unlocks it, or makes it the first time.
func (d *desktop) startKeyring(ctx context.Context) error {
	d.keyring = d.command("gnome-keyring-daemon", "--foreground", "--unlock", "--components=secrets")
	d.keyring.Stdin = strings.NewReader(keyringPassword)
	if err := d.keyring.Start(); err != nil {
		return err
	}
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		locked, err := d.locked(ctx)
		switch {
		case err == nil && !locked:
			return nil
		case time.Now().After(deadline) || ctx.Err() != nil:
			return fmt.Errorf("no keyring that is unlocked: locked %v, %w", locked, err)
		}
	}
}

const (
	secretsName     = "org.freedesktop.secrets"
	secretsPath     = "/org/freedesktop/secrets"
	loginCollection = "/org/freedesktop/secrets/collection/login"
)

// locked asks the keyring. It does not have it started by being asked.
func (d *desktop) locked(ctx context.Context) (locked bool, err error) {
	err = d.onBus(ctx, func(conn *dbus.Conn) error {
		var is dbus.Variant
		err := conn.Object(secretsName, loginCollection).CallWithContext(ctx, "org.freedesktop.DBus.Properties.Get", dbus.FlagNoAutoStart,
			"org.freedesktop.Secret.Collection", "Locked").Store(&is)
		locked = is.Value() == true
		return err
	})
	return locked, err
}

// lock locks the keyring, as the user or the screen saver may.
func (d *desktop) lock(ctx context.Context) error {
	return d.onBus(ctx, func(conn *dbus.Conn) error {
		return conn.Object(secretsName, secretsPath).CallWithContext(ctx, "org.freedesktop.Secret.Service.Lock", 0,
			[]dbus.ObjectPath{loginCollection}).Err
	})
}

// showOn has programs that the bus starts, as what asks for a password, use a display.
func (d *desktop) showOn(ctx context.Context, screen *display) error {
	env := map[string]string{}
	for _, variable := range screen.env {
		name, value, _ := strings.Cut(variable, "=")
		env[name] = value
	}
	return d.onBus(ctx, func(conn *dbus.Conn) error {
		return conn.BusObject().CallWithContext(ctx, "org.freedesktop.DBus.UpdateActivationEnvironment", 0, env).Err
	})
}

// answer waits for a window, and presses keys once it takes them.
func (d *display) answer(ctx context.Context, keys [][]string) error {
	const settles = time.Second // the window grabs the keyboard some time after it is shown
	for deadline := time.Now().Add(soon); ; time.Sleep(50 * time.Millisecond) {
		if ids, _ := d.xdotool(ctx, "search", "--onlyvisible", "--class", "."); len(ids) > 0 { // it fails when nothing is found
			break
		}
		if time.Now().After(deadline) || ctx.Err() != nil {
			return errors.New("nothing asks for the password")
		}
	}
	if err := pause(ctx, settles); err != nil {
		return err
	}
	for _, args := range keys {
		if _, err := d.xdotool(ctx, args...); err != nil {
			return err
		}
	}
	return nil
}

// secrets are what the keyring holds of Sundog, read by another program.
func (d *desktop) secrets() (secrets []string, err error) {
	out, err := d.command("secret-tool", "search", "--all", "service", "Sundog").Output()
	if err != nil {
		return nil, fmt.Errorf("secret-tool: %w", err)
	}
	for line := range strings.Lines(string(out)) {
		if secret, ok := strings.CutPrefix(strings.TrimSpace(line), "secret = "); ok {
			secrets = append(secrets, secret)
		}
	}
	return secrets, nil
}

func (d *desktop) onBus(ctx context.Context, f func(*dbus.Conn) error) error {
	conn, err := dbus.Connect(d.address, dbus.WithContext(ctx))
	if err != nil {
		return err
	}
	return errors.Join(f(conn), conn.Close())
}

// endKeyring ends the keyring, as signing out does.
func (d *desktop) endKeyring() { end(d.keyring) }

// end ends the session.
func (d *desktop) end() {
	end(d.keyring)
	end(d.bus)
}

// end ends a program that has nothing to put in order.
func end(cmd *exec.Cmd) {
	if cmd == nil || cmd.ProcessState != nil {
		return
	}
	_ = cmd.Process.Signal(syscall.SIGTERM)
	timer := time.AfterFunc(stopGrace, func() { _ = cmd.Process.Kill() })
	defer timer.Stop()
	_ = cmd.Wait() // the state tells
}
