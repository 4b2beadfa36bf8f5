// Package idmanagertest holds what every directory behind idmanager.IdManager must do, as one suite of tests:
//
//	func TestConformance(t *testing.T) {
//		idmanagertest.Run(t, idmanagertest.Directory{
//			Open: func(t *testing.T) idmanagertest.Join {
//				server := startServer(t)
//				return func(user string, key ed25519.PrivateKey) idmanager.IdManager { return client(t, server, user, key) }
//			},
//			Signed: true,
//			Within: 5 * time.Second,
//		})
//	}
//
// Where directories differ by nature, the fields of Directory say what this one can do.
package idmanagertest

import (
	"crypto/ed25519"
	"testing"
	"testing/synctest"
	"time"

	"sundog.dev/sundog/idmanager"
)

// Join lets another user come to a directory: one of the Users, with an identity key. The same user may come several times,
// also with different keys. What it makes is ended by the test's Cleanup; a test may have closed it before (io.Closer).
type Join func(user string, key ed25519.PrivateKey) idmanager.IdManager

// Users are all who have a place in a directory under test. One where accounts must be made first makes these; there is no
// Nobody.
var Users = []string{"Ann", "Bob", "Carol"}

// Directory is a directory under test, and what it can do.
type Directory struct {
	// Open makes a new and empty directory for one test.
	Open func(t *testing.T) Join
	// Name is how a user, or Nobody, is called in this directory; nil: the user's own name.
	Name func(user string) string
	// Within is how long a change may take until everybody sees it; 0: 2 s.
	Within time.Duration
	// Bubble: tests run in testing/synctest.
	Bubble bool

	// Signed: records are signed, and name the identity that has signed them.
	Signed bool
	// Owned: a name belongs to the first identity key that registered it.
	Owned bool
	// Shared: several identities may bear one name at once; a look-up finds one of them or says ErrAmbiguous. Where names are neither
	// owned nor shared, whoever wrote last is believed.
	Shared bool
	// TellsOffline: it knows names that are not registered at present from names that never were.
	TellsOffline bool
	// KeepsRendezvous and KeepsAddresses: it publishes these fields of a record.
	KeepsRendezvous, KeepsAddresses bool
}

// Run runs the suite.
func Run(t *testing.T, d Directory) {
	if d.Within == 0 {
		d.Within = 2 * time.Second
	}
	if d.Name == nil {
		d.Name = func(user string) string { return user }
	}
	for name, test := range map[string]func(*world){
		"whoever is registered is found":              testFound,
		"names are found in upper and lower case":     testCase,
		"unknown names":                               testUnknown,
		"who has gone is not found":                   testGone,
		"a name may be registered again":              testAgain,
		"a refresh repeats the registration":          testRefresh,
		"records that nobody could call are refused":  testRefused,
		"a name and other people's keys":              testOtherKey,
		"a name on its owner's second device":         testSecondDevice,
		"a watch begins with who is there":            testWatchStart,
		"a watch tells who comes, changes and goes":   testWatchChanges,
		"a watch ends with its context":               testWatchEnds,
		"two watches at once":                         testTwoWatches,
		"a context that has ended ends the call":      testContext,
		"many goroutines at once":                     testConcurrent,
		"what is closed says so and ends the watches": testClose,
		"closing one user leaves the others alone":    testCloseLeavesOthers,
		"the directory has a name for the user":       testWhere,
	} {
		t.Run(name, func(t *testing.T) {
			run := func(t *testing.T) { test(&world{T: t, d: d, join: d.Open(t)}) }
			if d.Bubble {
				synctest.Test(t, run)
			} else {
				run(t)
			}
		})
	}
}
