package middle

import (
	"bytes"
	crand "crypto/rand"
	"math/rand/v2"
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"sundog.dev/sundog/mesh"
	"sundog.dev/sundog/rtmfp/amf"
)

// chaos is own keys, until the choices say otherwise: proofs and messages of the comparison that are damaged, doubled, held back
// until later, sent to the wrong phone or for another call, or that nobody has asked for, in every state of a call.
type chaos struct {
	ownKeys
	choices *rand.Rand
	often   int  // one in how many messages is not as it should be
	proofs  bool // proofs are among them, which mostly ends the call at once
	held    []func()
	said    int
}

func newChaos(c *Call, seed uint64, often int) *chaos {
	choices := rand.New(rand.NewPCG(seed, 0))
	return &chaos{ownKeys: ownKeys{call: c}, choices: choices, often: often, proofs: choices.IntN(3) == 0}
}

func (x *chaos) heard(from *leg, s Signal) {
	x.disturb(from)
	switch {
	case s.Kind == kindProof && !x.proofs, !x.oddly():
		x.ownKeys.heard(from, s)
	case s.Kind == kindProof || s.Kind == kindCompare:
		x.spoil(from, s)
	default: // late: behind whatever comes next
		x.held = append(x.held, func() { x.ownKeys.heard(from, s) })
	}
	x.disturb(from.other())
}

func (x *chaos) tick(now time.Time) {
	x.ownKeys.tick(now)
	if x.oddly() {
		held := x.held
		x.held = nil
		for _, i := range x.choices.Perm(len(held)) {
			held[i]()
		}
	}
}

func (x *chaos) oddly() bool { return x.choices.IntN(x.often) == 0 }

// spoil does something with a message of a phone that it should not do.
func (x *chaos) spoil(from *leg, s Signal) {
	to := from
	if x.choices.IntN(2) == 0 {
		to = from.other()
	}
	switch x.choices.IntN(5) {
	case 0:
		x.say(to, s)
	case 1:
		x.say(to, x.damaged(s))
	case 2:
		x.ownKeys.heard(from, s)
		x.ownKeys.heard(from, s)
	case 3:
		x.held = append(x.held, func() { x.ownKeys.heard(from, s) })
	case 4: // never
	}
}

// disturb says something that nobody has asked for.
func (x *chaos) disturb(to *leg) {
	if !x.oddly() || !x.proofs && to.compared == "" {
		return
	}
	all := append(x.call.m.remembered(to.name), x.call.m.remembered(to.other().name)...)
	s := newSignal(kindProof, "", x.random(99))
	if len(all) > 0 {
		s = all[x.choices.IntN(len(all))]
	}
	if s.Kind == kindProof && !x.proofs {
		return
	}
	switch x.choices.IntN(6) {
	case 0:
		x.say(to, s)
	case 1:
		x.say(to, x.damaged(s))
	case 2: // of another kind than it says
		x.say(to, newSignal(kindCompare, to.compared, s.Data))
	case 3:
		if x.proofs {
			x.say(to, newSignal(kindProof, s.Call, s.Data))
		}
	case 4: // well made, of another attempt
		if to.compared != "" {
			h := newAttempt(to, to.compared, uint32(x.choices.IntN(6)))
			x.say(to, h.commitment())
			x.say(to, h.reveal())
		}
	case 5:
		x.say(to, Signal{Kind: kindProof, raw: x.odd()})
	}
}

func (x *chaos) say(to *leg, s Signal) {
	x.said++
	to.send(s)
}

// damaged is a signal with some bytes changed, cut off, or added, in its text or in the message within.
func (x *chaos) damaged(s Signal) Signal {
	if x.choices.IntN(2) == 0 {
		return newSignal(s.Kind, s.Call, x.damage(s.Data))
	}
	return Signal{Kind: s.Kind, raw: x.damage(s.raw)}
}

func (x *chaos) damage(b []byte) []byte {
	b = bytes.Clone(b)
	switch {
	case len(b) == 0 || x.choices.IntN(4) == 0:
		return append(b, x.random(1+x.choices.IntN(40))...)
	case x.choices.IntN(3) == 0:
		return b[:x.choices.IntN(len(b))]
	}
	for range 1 + x.choices.IntN(3) {
		b[x.choices.IntN(len(b))] ^= 1 << x.choices.IntN(8)
	}
	return b
}

func (x *chaos) random(n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(x.choices.Uint32())
	}
	return b
}

// odd is a message of AMF that is no signal as we know it.
func (x *chaos) odd() []byte {
	kinds := []amf.Value{kindProof, kindCompare, 1.0, nil, true, string(x.random(5))}
	values := []amf.Value{"", "00112233445566778899aabbccddeeff", 7.0, nil, amf.Array{"x"}, string(bytes.Repeat([]byte("ab"), 5000))}
	b, err := amf.AppendAMF0(nil, kinds[x.choices.IntN(len(kinds))], values[x.choices.IntN(len(values))], values[x.choices.IntN(len(values))])
	if err != nil {
		return x.random(30)
	}
	return b
}

// inChaos has two phones call each other while he talks nonsense, and checks that nothing comes of it.
func inChaos(t *testing.T, seed uint64, often int) {
	t.Helper()
	var x *chaos
	s := Strategy{"chaos", "", func(c *Call) tactic { x = newChaos(c, seed, often); return x }}
	inWorld(t, s, func(w *world) {
		p := w.newPair(seed%4 == 1)
		defer p.close()
		o := p.call()
		t.Logf("caller %s, callee %s; he said %d odd things", o.caller, o.callee, x.said)
		if o.strings[0] != "" && o.strings[0] == o.strings[1] {
			t.Errorf("both show %q", o.strings[0])
		}
		if seed%4 == 1 && (o.inCall[0] || o.inCall[1]) {
			t.Error("they know each other, and were in a call with him")
		}
	})
}

func TestNonsenseInEveryState(t *testing.T) {
	runs := 30
	if testing.Short() {
		runs = 10
	}
	before := liveHeap()
	for seed := range runs {
		inChaos(t, uint64(seed), 2+seed%9)
	}
	if grown := liveHeap() - before; grown > maxGrowth {
		t.Errorf("the live heap grew by %d bytes", grown)
	}
}

// maxGrowth is how much the live heap may grow: the caches of crypto and of the log take some.
const maxGrowth = 5 << 20

func liveHeap() int64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// flooder says what nobody has asked for as fast as a phone listens: commitments and reveals that are well made, of rosters and
// attempts that there are not.
type flooder struct {
	ownKeys
	said *atomic.Int64
}

func (x *flooder) tick(now time.Time) {
	x.ownKeys.tick(now)
	for _, l := range x.call.legs {
		if l.compared == "" {
			continue
		}
		for range 2 {
			h := newAttempt(l, l.compared, uint32(x.said.Add(1)))
			_, _ = crand.Read(h.epoch[:])
			l.send(h.commitment())
			l.send(h.reveal())
		}
	}
}

func TestAFloodOfMessagesIsForgotten(t *testing.T) {
	var said atomic.Int64
	s := Strategy{"floods", "", func(c *Call) tactic { return &flooder{ownKeys{call: c}, &said} }}
	inWorld(t, s, func(w *world) {
		p := w.newPair(false)
		defer p.close()
		from := p.ada.dial("bob")
		time.Sleep(10 * time.Second)
		before, first := liveHeap(), said.Load()
		time.Sleep(15 * time.Second)
		if from.Status().State != mesh.InCall || said.Load()-first < 500 {
			t.Errorf("%s after %d messages", told(from), 2*(said.Load()-first))
		}
		if grown := liveHeap() - before; grown > maxGrowth {
			t.Errorf("the live heap grew by %d bytes", grown)
		}
		from.HangUp()
		<-from.Done()
	})
}

func FuzzNonsense(f *testing.F) {
	for often := range uint8(6) {
		f.Add(uint64(often)*7919, often)
	}
	f.Fuzz(func(t *testing.T, seed uint64, often uint8) { inChaos(t, seed, 2+int(often%9)) })
}
