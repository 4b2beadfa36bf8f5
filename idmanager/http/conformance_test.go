package http

import (
	"crypto/ed25519"
	"testing"

	"sundog.dev/sundog/idmanager"
	"sundog.dev/sundog/idmanager/idmanagertest"
)

func TestConformanceOfTheOldProtocol(t *testing.T) {
	idmanagertest.Run(t, idmanagertest.Directory{
		Open: func(t *testing.T) idmanagertest.Join {
			h := NewServer(NewMemoryStore())
			return func(string, ed25519.PrivateKey) idmanager.IdManager { return newClient(t, h) }
		},
		Bubble:       true,
		Within:       2 * watchInterval,
		TellsOffline: true,
	})
}
