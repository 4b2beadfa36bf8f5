package idmanager_test

import (
	"crypto/ed25519"
	"testing"

	"sundog.dev/sundog/idmanager"
	"sundog.dev/sundog/idmanager/idmanagertest"
)

func TestConformanceOfSeveralDirectories(t *testing.T) {
	idmanagertest.Run(t, idmanagertest.Directory{
		Open: func(t *testing.T) idmanagertest.Join {
			one, two := idmanager.NewMemoryPool(), idmanager.NewMemoryPool()
			return func(string, ed25519.PrivateKey) idmanager.IdManager {
				d := idmanager.NewDirectories(
					idmanager.Directory{IdManager: one.Client("one", true), Preferred: true},
					idmanager.Directory{IdManager: two.Client("two", false)})
				t.Cleanup(func() { _ = d.Close() })
				return d
			}
		},
		Bubble: true, Signed: true, Shared: true, TellsOffline: true, KeepsRendezvous: true, KeepsAddresses: true,
	})
}
