package lan

import (
	"crypto/ed25519"
	"fmt"
	"testing"

	"sundog.dev/sundog/idmanager"
	"sundog.dev/sundog/idmanager/idmanagertest"
)

func TestConformance(t *testing.T) {
	for name, address := range map[string]string{"IPv4": "192.0.2.%d/24", "IPv6": "fe80::%d/64"} {
		for weather, loss := range map[string]float64{"": 0, ", one packet in ten lost or doubled": 0.1} {
			t.Run(name+weather, func(t *testing.T) {
				idmanagertest.Run(t, idmanagertest.Directory{
					Open: func(t *testing.T) idmanagertest.Join {
						s := &segment{loss: loss, dups: loss}
						host := 0
						return func(_ string, key ed25519.PrivateKey) idmanager.IdManager {
							host++
							return newPhoneWith(t, newMemNet().plug(s, 1, fmt.Sprintf(address, host)), key).Directory
						}
					},
					Within: maxTTL, // when all goodbyes are lost
					Bubble: true, Signed: true, Shared: true, KeepsRendezvous: true, KeepsAddresses: true,
				})
			})
		}
	}
}
