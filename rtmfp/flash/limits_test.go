package flash

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sundog.dev/sundog/rtmfp"
)

// limits names, for each bound of params.go, the test that fails without it.
var limits = map[string]string{
	"defaultMaxPeers":     "TestMaxPeerConnections",
	"keepaliveFloor":      "TestKeepaliveAdviceHasBounds",
	"keepaliveCeiling":    "TestKeepaliveAdviceHasBounds",
	"serviceTimeout":      "TestTheServiceMayBeLostAndComeBack",
	"maxEvents":           "TestUnreadInvocationsAreBounded",
	"maxAddresses":        "TestAddressesAreBounded",
	"maxUnaccepted":       "TestUnacceptedPeersAreBounded",
	"maxSubscriptions":    "TestSubscriptionsAreBounded",
	"maxPending":          "TestPlaysThatWaitAreBounded",
	"maxNameLength":       "TestHostileSubscribers",
	"maxFlowBacklog":      "TestOtherFlowsGoToTheirUser",
	"maxReturnFlows":      "TestFlowsThatBelongToNoStreamAreRejected",
	"maxServiceFlows":     "TestControlFlowsOfAServiceAreBounded",
	"maxQueuedAudio":      "TestNewestMediaWin",
	"maxQueuedVideo":      "TestNewestMediaWin",
	"maxQueuedAudioBytes": "TestQueuedMessagesAreBoundedInBytes",
	"maxQueuedVideoBytes": "TestQueuedMessagesAreBoundedInBytes",
	"maxQueuedData":       "TestDataWaitsForRoom",
	"maxQueuedDataBytes":  "TestQueuedMessagesAreBoundedInBytes",
	"audioBuffer":         "TestAStalledSubscriberNeverBlocksThePublisher",
	"videoBuffer":         "TestAStalledSubscriberNeverBlocksThePublisher",
	"dataBuffer":          "TestAStalledSubscriberNeverBlocksThePublisher",
	"maxNetStreams":       "TestAClientsOwnStreamsAreBounded",
	"maxServerStreams":    "TestStreamsAreBounded",
	"maxBarriers":         "TestBarrierHoldsFlowsUntilAllHaveCome",
	"barrierPatience":     "TestABarrierThatIsNeverCompleteHoldsForAWhileOnly",
}

// TestEveryLimitHasATest: each limit of params.go is in the table, and each test of the table exists.
func TestEveryLimitHasATest(t *testing.T) {
	constants := map[string]bool{}
	for _, file := range []string{"params.go", "flowsync.go"} {
		f, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(f, func(n ast.Node) bool {
			if v, ok := n.(*ast.ValueSpec); ok {
				constants[v.Names[0].Name] = true
			}
			return true
		})
	}
	files, err := filepath.Glob("*_test.go")
	if err != nil {
		t.Fatal(err)
	}
	var tests strings.Builder
	for _, name := range files {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		tests.Write(b)
	}
	for name := range constants {
		if strings.HasPrefix(name, "max") && limits[name] == "" {
			t.Errorf("%s has no test", name)
		}
	}
	for name, test := range limits {
		if !constants[name] || !strings.Contains(tests.String(), "func "+test+"(t *testing.T)") {
			t.Errorf("%s: constant %v; %s", name, constants[name], test)
		}
	}
}

func TestAddressesAreBounded(t *testing.T) {
	interfaces := func() ([]net.Addr, error) {
		var out []net.Addr
		for i := range byte(200) {
			out = append(out, &net.IPNet{IP: net.IPv4(10, 0, 0, i), Mask: net.CIDRMask(24, 32)})
		}
		return out, nil
	}
	if n := len(ownAddresses(netip.MustParseAddrPort("0.0.0.0:5000"), interfaces)); n != maxAddresses {
		t.Errorf("%d own addresses, want %d", n, maxAddresses)
	}
	inWorld(t, func(t *testing.T, w *world) {
		many := hosts{}
		for i := range byte(200) {
			many["many.example"] = append(many["many.example"], netip.AddrFrom4([4]byte{10, 0, 0, i}))
		}
		nc := w.phone(func(c *Config) { c.Resolver = many })
		addrs, err := nc.resolve(w.soon(), serviceURI{host: "many.example", port: 1935})
		if err != nil || len(addrs) != maxAddresses {
			t.Errorf("%d addresses of a host, %v; want %d", len(addrs), err, maxAddresses)
		}
	})
}

func TestUnacceptedPeersAreBounded(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		a, b := w.phone(), w.phone()
		for range maxUnaccepted {
			if !b.accepted.push(&Peer{}) {
				t.Fatal("the queue is full too soon")
			}
		}
		p := w.open(a, b)
		time.Sleep(5 * time.Second)
		if p.alive() || len(b.Peers()) != 0 {
			t.Error("one more peer that nobody accepts is held")
		}
		b.accepted.remove(func(*Peer) bool { return true })
	})
}

func TestPlaysThatWaitAreBounded(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		_, b, ab, _ := w.pair()
		waiting := func(n int) {
			b.mu.Lock()
			defer b.mu.Unlock()
			b.pending = nil
			for range n {
				b.pending = append(b.pending, &PeerStream{name: "other"})
			}
		}
		for _, n := range []int{maxPending - 1, maxPending} {
			waiting(n)
			play, err := ab.Play(fmt.Sprint("name ", n))
			if err != nil {
				t.Fatal(err)
			}
			time.Sleep(time.Second)
			if refused := play.ctx.Err() != nil; refused != (n == maxPending) {
				t.Errorf("with %d plays that wait: refused %v", n, refused)
			}
		}
		waiting(0)
	})
}

func TestControlFlowsOfAServiceAreBounded(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		service, nc := w.service(), w.connected()
		time.Sleep(time.Second)
		c := service.client(nc.NearID())
		for i := 1; i <= maxServiceFlows; i++ { // the first is there
			f, err := c.session.OpenFlow(AppendMetadata(nil, 0, false), rtmfp.FlowOptions{ReturnOf: c.control})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := f.Write(w.soon(), []byte{0, 0, 0, 0, 0}, noOptions); err != nil {
				t.Fatal(err)
			}
			time.Sleep(time.Second)
			var exception *rtmfp.FlowException
			if rejected := errors.As(f.Err(), &exception); rejected != (i == maxServiceFlows) {
				t.Errorf("flow %d: rejected %v", i, rejected)
			}
		}
		if !nc.Connected() {
			t.Error("the connection was lost")
		}
	})
}
