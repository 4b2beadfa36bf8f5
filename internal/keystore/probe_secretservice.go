//go:build !windows && !darwin

package keystore

import (
	"context"
	"errors"
	"slices"

	"github.com/godbus/dbus/v5"
)

// Names of the Secret Service (specifications.freedesktop.org/secret-service, version 0.2).
const (
	secretName     = "org.freedesktop.secrets"
	secretPath     = "/org/freedesktop/secrets"
	secretService  = "org.freedesktop.Secret.Service"
	collections    = secretService + ".Collections"
	readAlias      = secretService + ".ReadAlias"
	locked         = "org.freedesktop.Secret.Collection.Locked"
	getProperty    = "org.freedesktop.DBus.Properties.Get"
	loginPath      = dbus.ObjectPath("/org/freedesktop/secrets/collection/login")
	defaultAlias   = "default"
	noObject       = dbus.ObjectPath("/")
	listActivable  = "org.freedesktop.DBus.ListActivatableNames"
	nameHasAnOwner = "org.freedesktop.DBus.NameHasOwner"
)

// probe asks, on a connection of its own that ends with the context, whether a Secret Service is there and whether the collection
// that keys go to is unlocked. It starts no bus where there is none: the library would. It shows the user nothing.
func probe(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	err := probeBus(ctx)
	switch {
	case err == nil || errors.Is(err, ErrAbsent) || errors.Is(err, ErrLocked):
		return err
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		return ErrSilent
	}
	return ErrAbsent // no bus, or one that does not want us
}

func probeBus(ctx context.Context) error {
	conn, err := dbus.SessionBusPrivateNoAutoStartup(dbus.WithContext(ctx))
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }()
	if err := conn.Auth(nil); err != nil {
		return err
	}
	if err := conn.Hello(); err != nil {
		return err
	}
	var running bool
	if err := conn.BusObject().CallWithContext(ctx, nameHasAnOwner, 0, secretName).Store(&running); err != nil {
		return err
	}
	if !running {
		var names []string
		if err := conn.BusObject().CallWithContext(ctx, listActivable, 0).Store(&names); err != nil {
			return err
		}
		if !slices.Contains(names, secretName) {
			return ErrAbsent
		}
	}
	collection, err := keyCollection(ctx, conn)
	if err != nil {
		return err
	}
	var is dbus.Variant
	if err := property(ctx, conn, collection, locked, &is); err != nil {
		return err
	}
	if is.Value() == true {
		return ErrLocked
	}
	return nil
}

// keyCollection finds the collection that the library will use: the login collection, else the default one.
func keyCollection(ctx context.Context, conn *dbus.Conn) (dbus.ObjectPath, error) {
	var all dbus.Variant
	if err := property(ctx, conn, secretPath, collections, &all); err != nil {
		return "", err
	}
	if paths, ok := all.Value().([]dbus.ObjectPath); ok && slices.Contains(paths, loginPath) {
		return loginPath, nil
	}
	var path dbus.ObjectPath
	if err := conn.Object(secretName, secretPath).CallWithContext(ctx, readAlias, 0, defaultAlias).Store(&path); err != nil {
		return "", err
	}
	if path == noObject {
		return "", ErrAbsent // nobody has made a keyring yet
	}
	return path, nil
}

func property(ctx context.Context, conn *dbus.Conn, path dbus.ObjectPath, name string, value *dbus.Variant) error {
	dot := len(name) - 1
	for name[dot] != '.' {
		dot--
	}
	return conn.Object(secretName, path).CallWithContext(ctx, getProperty, 0, name[:dot], name[dot+1:]).Store(value)
}
