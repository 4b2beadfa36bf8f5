package rendezvous

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"testing"
	"testing/synctest"
	"time"

	"sundog.dev/sundog/internal/vnet"
	"sundog.dev/sundog/rtmfp"
	"sundog.dev/sundog/rtmfp/amf"
	"sundog.dev/sundog/rtmfp/flash"
)

var (
	otherPort    = ap("192.0.2.1:1936")
	otherAddress = ap("192.0.2.2:1935")
	introduction = ap("192.0.2.3:1935")
)

// inCheckWorld is inWorld with a service that checks connectivity from these addresses; an invalid one is left out.
func inCheckWorld(t *testing.T, conns [probes]netip.AddrPort, test func(w world)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		n := vnet.New(1)
		defer n.Close()
		n.SetDefaultLink(vnet.Link{Latency: 10 * time.Millisecond})
		listen := func(a netip.AddrPort) rtmfp.PacketConn {
			if !a.IsValid() {
				return nil
			}
			conn, err := n.Listen(a)
			if err != nil {
				t.Fatal(err)
			}
			return conn
		}
		s, err := New(listen(serviceAddr), Config{Check: &Check{
			OtherPort: listen(conns[probeOtherPort]), OtherAddress: listen(conns[probeOtherAddress]),
			Introduction: listen(conns[probeIntroduction]),
		}})
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = s.Close() }()
		test(world{t, n, s, serviceAddr})
	})
}

// checker makes a NetConnection for a check, whose machine has these addresses.
func (w world) checker(conn rtmfp.PacketConn, local ...string) *flash.NetConnection {
	w.t.Helper()
	identity := w.identity()
	endpoint, err := rtmfp.NewEndpoint(conn, rtmfp.Config{Crypto: identity})
	if err != nil {
		w.t.Fatal(err)
	}
	nc := flash.NewNetConnection(flash.Config{
		Endpoint: endpoint, NearID: identity.Fingerprint(),
		Interfaces: func() (out []net.Addr, err error) {
			for _, a := range local {
				out = append(out, &net.IPNet{IP: net.ParseIP(a), Mask: net.CIDRMask(24, 32)})
			}
			return out, nil
		},
	})
	w.t.Cleanup(func() { _ = nc.Close() })
	return nc
}

const checkURI = "rtmfp://192.0.2.1/" + AppConnectivityCheck

func check(nc *flash.NetConnection) (Connectivity, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	return CheckConnectivity(ctx, nc, checkURI)
}

func TestConnectivityOfEveryKindOfNAT(t *testing.T) {
	const yes, no = AnswerYes, AnswerNo
	for name, tt := range map[string]struct {
		nat  *vnet.NATConfig
		want [7]Answer
	}{
		"none":                       {nil, [7]Answer{yes, yes, yes, yes, yes, yes, yes}},
		"full cone":                  {&vnet.NATConfig{}, [7]Answer{no, no, yes, yes, yes, yes, yes}},
		"restricted cone":            {&vnet.NATConfig{Filtering: vnet.AddressDependent}, [7]Answer{no, no, yes, no, yes, yes, yes}},
		"port-restricted cone":       {&vnet.NATConfig{Filtering: vnet.AddressPortDependent}, [7]Answer{no, no, no, no, yes, yes, yes}},
		"a port for each address":    {&vnet.NATConfig{Mapping: vnet.AddressDependent, Filtering: vnet.AddressDependent}, [7]Answer{no, no, yes, no, yes, yes, no}},
		"symmetric":                  {&vnet.NATConfig{Mapping: vnet.AddressPortDependent, Filtering: vnet.AddressPortDependent}, [7]Answer{no, no, no, no, yes, yes, no}},
		"symmetric, but lets all in": {&vnet.NATConfig{Mapping: vnet.AddressPortDependent}, [7]Answer{no, no, yes, yes, yes, yes, no}},
	} {
		t.Run(name, func(t *testing.T) {
			inCheckWorld(t, [probes]netip.AddrPort{otherPort, otherAddress, introduction}, func(w world) {
				local := ap("198.51.100.1:5000")
				listen := w.net.Listen
				if tt.nat != nil {
					local = ap("10.0.0.5:5000")
					listen = w.net.NAT(netip.MustParseAddr("203.0.113.1"), *tt.nat).Listen
				}
				conn, err := listen(local)
				if err != nil {
					t.Fatal(err)
				}
				start := time.Now()
				got, err := check(w.checker(conn, local.Addr().String()))
				if err != nil {
					t.Fatal(err)
				}
				if d := time.Since(start); d > 4*time.Second {
					t.Errorf("it took %v", d)
				}
				for i, a := range got.answers() {
					if *a.answer != tt.want[i] {
						t.Errorf("%s: %v, want %v", a.name, *a.answer, tt.want[i])
					}
				}
				if want := netip.MustParseAddr("203.0.113.1"); tt.nat == nil && got.PublicAddress != local || tt.nat != nil && got.PublicAddress.Addr() != want {
					t.Errorf("public address %v", got.PublicAddress)
				}
				if s := w.service.Stats(); s.Checks != 1 || s.Clients != 0 {
					t.Errorf("stats %+v", s)
				}
				time.Sleep(time.Minute)
				if s := w.service.Stats(); s.Sessions != 0 || len(w.service.checker.running) != 0 {
					t.Errorf("after the check: stats %+v", s)
				}
			})
		})
	}
}

// What a service has no conns for, it says nothing about; nor about addresses that it was not told.
func TestConnectivityThatIsUnknown(t *testing.T) {
	inCheckWorld(t, [probes]netip.AddrPort{probeOtherAddress: otherAddress}, func(w world) {
		p := w.phone("198.51.100.1:5000")
		p.connect(amf.Object{{Name: "app", Value: AppConnectivityCheck}})
		p.send(flash.SetPeerInfo(nil))
		status, ok := p.next().Status()
		if !ok || status.Code != codeConnectivityResults || status.Level != flash.LevelStatus {
			t.Fatalf("status %+v", status)
		}
		details := status.Details
		want := Connectivity{PublicAddress: ap("198.51.100.1:5000"), ReceiveDifferentAddressDifferentPortAllowed: AnswerYes}
		if got := connectivityOf(details); got != want {
			t.Errorf("got %+v, want %+v", got, want)
		}
		if !p.ended(10 * time.Second) {
			t.Error("the session goes on after the check")
		}
	})
}

func TestServiceWithoutChecksSaysSo(t *testing.T) {
	inWorld(t, func(w world) {
		conn, err := w.net.Listen(ap("198.51.100.1:5000"))
		if err != nil {
			t.Fatal(err)
		}
		var refusal *flash.StatusError
		if _, err := check(w.checker(conn)); !errors.As(err, &refusal) || refusal.Status.Code != codeInvalidApp {
			t.Errorf("error %v", err)
		}
	})
}

// A client that is here for a check is nobody whom others can call, and has no other commands.
func TestCheckedClientsAreNotIntroduced(t *testing.T) {
	inCheckWorld(t, [probes]netip.AddrPort{otherPort, otherAddress, introduction}, func(w world) {
		p, ann := w.phone("198.51.100.1:5000"), w.connected("198.51.100.2:5000")
		p.connect(amf.Object{{Name: "app", Value: AppConnectivityCheck + "/key"}})
		p.send(flash.Command{Name: "relay", Transaction: 2, Args: []amf.Value{ann.id.String(), "invite"}})
		if ann.hears() {
			t.Error("relayed")
		}
		if _, err := ann.dial(p.id); err == nil {
			t.Error("introduced")
		}
		if !p.ended(connectTimeout) {
			t.Error("a client that never asks for its check stays")
		}
	})
}

func TestChecksAreLimited(t *testing.T) {
	inCheckWorld(t, [probes]netip.AddrPort{otherPort, otherAddress, introduction}, func(w world) {
		k := w.service.checker
		source, now := netip.MustParseAddr("198.51.100.9"), time.Now()
		for i := range checkBurst {
			if _, _, ok := k.begin(source, now); !ok {
				t.Fatalf("check %d of a source refused", i)
			}
		}
		conn, err := w.net.Listen(ap("198.51.100.9:5000"))
		if err != nil {
			t.Fatal(err)
		}
		var refusal *flash.StatusError
		if _, err := check(w.checker(conn)); !errors.As(err, &refusal) || refusal.Status.Code != flash.CodeConnectRejected {
			t.Errorf("beyond the limit of a source: %v", err)
		}
		for i := 0; len(k.running) < maxChecks; i++ {
			if _, _, ok := k.begin(netip.AddrFrom4([4]byte{10, 0, byte(i >> 8), byte(i)}), now); !ok && i > 2*maxChecks { // by chance one may share the greedy one's bucket
				t.Fatalf("only %d run at once", len(k.running))
			}
		}
		if _, _, ok := k.begin(netip.MustParseAddr("198.51.100.10"), now); ok {
			t.Error("too many checks run at once")
		}
		if s := w.service.Stats(); s.ChecksRefused != 1 {
			t.Errorf("stats %+v", s)
		}
	})
}

// However deaf the client is, a check sends it a bounded number of packets, and none to anybody else.
func TestACheckSendsLittle(t *testing.T) {
	inCheckWorld(t, [probes]netip.AddrPort{otherPort, otherAddress, introduction}, func(w world) {
		sent := 0
		w.net.SetFilter(func(p vnet.Packet) bool {
			if p.From == otherPort || p.From == otherAddress || p.From == introduction {
				sent++
				if p.To != ap("198.51.100.1:5000") {
					t.Errorf("a probe to %v", p.To)
				}
				return false
			}
			return true
		})
		p := w.phone("198.51.100.1:5000")
		p.connect(amf.Object{{Name: "app", Value: AppConnectivityCheck}})
		p.session.SetAcceptForwarded(false)
		for range 3 {
			p.send(flash.SetPeerInfo([]string{"203.0.113.99:53"}))
		}
		status, _ := p.next().Status()
		details := status.Details
		if got := connectivityOf(details); got.SendAfterIntroductionAllowed != AnswerNo || got.ReceiveSameAddressDifferentPortAllowed != AnswerNo {
			t.Errorf("got %+v", got)
		}
		if sent != 2*checkTries {
			t.Errorf("%d probes, want %d", sent, 2*checkTries)
		}
	})
}

func FuzzConnectivity(f *testing.F) {
	full := Connectivity{PublicAddress: ap("[2001:db8::1]:5000"), PublicAddressIsLocal: AnswerYes, SendAfterIntroductionAllowed: AnswerNo}
	for _, info := range []amf.Object{full.appendInfo(nil), {{Name: "publicAddress", Value: 3}}, nil} {
		b, err := amf.AppendAMF0(nil, info)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		values, err := amf.DecodeAMF0(b)
		if err != nil || len(values) == 0 {
			return
		}
		info, _ := amf.Members(values[0])
		c := connectivityOf(info)
		if back := connectivityOf(c.appendInfo(nil)); back != c {
			t.Errorf("%+v became %+v", c, back)
		}
	})
}
