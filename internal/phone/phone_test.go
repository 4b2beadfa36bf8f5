package phone

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"image"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"sundog.dev/sundog/idmanager"
	idhttp "sundog.dev/sundog/idmanager/http"
	"sundog.dev/sundog/internal/phone/phonetest"
	"sundog.dev/sundog/internal/profile"
	"sundog.dev/sundog/mesh"
)

func TestMain(m *testing.M) {
	flag.Parse()
	if err := flag.Set("test.parallel", "8"); err != nil { // they wait, most of the time: for services that are gone, for rings
		panic(err)
	}
	if err := os.Setenv(keyringVariable, "off"); err != nil { // leave the keyring of whoever runs them alone
		panic(err)
	}
	goleak.VerifyTestMain(m)
}

// patience bounds waits that end at once when all is well.
const patience = 90 * time.Second

// world is a service on loopback.
type world struct{ *phonetest.Service }

func newWorld(t *testing.T) *world { return &world{phonetest.NewService(t)} }

func (w *world) phone(t *testing.T, name string, src Sources, accept Accept) *Phone {
	t.Helper()
	return w.started(t, Config{Name: name, Sources: src, Accept: accept})
}

// phoneOf is a phone with the profile in a folder.
func (w *world) phoneOf(t *testing.T, dir, name string) *Phone {
	t.Helper()
	store, err := profile.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	return w.started(t, Config{Name: name, Profile: store, Accept: AcceptContacts})
}

// anyAddress binds a phone to all addresses, as phones are that are told nothing.
var anyAddress = netip.MustParseAddrPort("[::]:0")

// newPhone starts a phone that ends with the test.
func newPhone(t *testing.T, cfg Config) *Phone {
	t.Helper()
	if !cfg.Bind.IsValid() {
		cfg.Bind = netip.MustParseAddrPort("127.0.0.1:0")
	}
	p, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.Close(); err != nil {
			t.Error("closing the phone:", err)
		}
	})
	return p
}

// started starts a phone on the service and waits until it is registered.
func (w *world) started(t *testing.T, cfg Config) *Phone {
	t.Helper()
	if cfg.Server == "" {
		cfg.Server = w.Server
	}
	if cfg.Directory == "" {
		cfg.Directory = w.Directory
	}
	p := newPhone(t, cfg)
	name := cfg.Name
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	st, err := p.WaitService(ctx)
	if err != nil || st.State != ServiceReachable {
		t.Fatalf("%s: service is %+v, %v", name, st, err)
	}
	return p
}

// lookUp asks the directory for a name.
func (w *world) lookUp(t *testing.T, name string) error {
	t.Helper()
	_, err := w.record(t, name)
	return err
}

// record is what the directory says of a name.
func (w *world) record(t *testing.T, name string) (idmanager.Record, error) {
	t.Helper()
	c, err := idhttp.New(w.Directory, idhttp.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close() //nolint:errcheck // it has registered nothing
	return c.LookUp(t.Context(), name)
}

// connect makes a call that is answered.
func connect(t *testing.T, from, to *Phone, name string) (out, in *Call) {
	t.Helper()
	out, err := from.Call(name)
	if err != nil {
		t.Fatal(err)
	}
	in = incoming(t, to)
	if err := in.Accept(); err != nil {
		t.Fatal(err)
	}
	until(t, out, InCall)
	until(t, in, InCall)
	return out, in
}

// until reads events until one is a change to the state.
func until(t *testing.T, c *Call, state mesh.State) Status {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	for {
		ev, err := c.Next(ctx)
		if err != nil {
			t.Fatalf("call with %s: %v while waiting for %s", c.Name(), err, state)
		}
		if s, ok := ev.(StateChanged); ok {
			if s.Status.State == state {
				return s.Status
			}
			if s.Status.State == Ended {
				t.Fatalf("call with %s ended (%s, %s) before %s", c.Name(), s.Status.Reason, s.Status.Detail, state)
			}
		}
	}
}

func incoming(t *testing.T, p *Phone) *Call {
	t.Helper()
	select {
	case c := <-p.Incoming():
		return c
	case <-time.After(patience):
		t.Fatal("nobody rings")
		return nil
	}
}

func TestCallCarriesSoundPictureAndText(t *testing.T) {
	w := newWorld(t)
	dir := t.TempDir()
	src := Sources{Camera: "test:320x180@30", Mic: "tone:300", Speaker: "null"}
	heard := src
	heard.Speaker, heard.Display = "file:"+filepath.Join(dir, "heard.wav"), "dir:"+dir
	ada := w.phone(t, "ada", src, AcceptNone)
	bob := w.phone(t, "Bob", heard, AcceptAnyone)

	out, err := ada.Call("bob")
	if err != nil {
		t.Fatal(err)
	}
	in := incoming(t, bob)
	if in.Name() != "ada" || !in.Incoming() || !in.Proved() {
		t.Errorf("rings: name %q, incoming %v, proved %v", in.Name(), in.Incoming(), in.Proved())
	}
	if err := in.Accept(); err != nil {
		t.Fatal(err)
	}
	until(t, out, InCall)
	until(t, in, InCall)

	if err := out.SendChat("hello"); err != nil {
		t.Fatal(err)
	}
	waitChat(t, in, ChatLine{From: "ada", Text: "hello"})

	// The picture is painted on both sides, the far one with what was sent.
	for _, c := range []*Call{out, in} {
		eventually(t, c.Name()+"'s picture is painted", func() bool {
			tile := image.NewRGBA(image.Rect(0, 0, 160, 90))
			return c.Draw(c.PeerID(), tile, 0) > 0 && bytes.Count(tile.Pix, []byte{0}) < len(tile.Pix)/2
		})
	}
	eventually(t, "the tone is heard", func() bool { _, far := in.Levels(); return far > 0.05 })
	out.SetMuted(true)
	eventually(t, "mute is told and heard", func() bool { _, far := in.Levels(); return far < 0.01 })

	for _, c := range []struct {
		err  error
		want string
	}{
		{in.Accept(), "does not ring any more"},
		{out.SendChat(strings.Repeat("x", 5000)), "too long"},
	} {
		if c.err == nil || !strings.Contains(c.err.Error(), c.want) {
			t.Errorf("error %v, want one about %q", c.err, c.want)
		}
	}
	if _, err := ada.Call("bob"); err == nil || !strings.Contains(err.Error(), "another call is going on") {
		t.Errorf("a second call at once: %v", err)
	}
	out.HangUp()
	for _, c := range []*Call{out, in} {
		if st := until(t, c, Ended); st.Reason != Hangup {
			t.Errorf("%s: ended as %s", c.Name(), st.Reason)
		}
		if err := c.Accept(); err == nil || err.Error() != "The call has ended." {
			t.Errorf("accepting a call that has ended: %v", err)
		}
	}
	if p := bob.Profile().People(); len(p) != 1 || p[0].Name != "ada" || p[0].Missed || p[0].Outgoing {
		t.Errorf("bob's list is %+v", p)
	}
	if !ada.Profile().IsContact("bob") {
		t.Error("somebody called is no contact")
	}
	for _, f := range []string{"heard.wav", "ada.y4m"} {
		if size := fileSize(t, filepath.Join(dir, f)); size < 10_000 {
			t.Errorf("%s has %d bytes", f, size)
		}
	}
}

func TestTestCallNeedsNoService(t *testing.T) {
	p, err := New(Config{Sources: Sources{Camera: "default", Mic: "tone", Speaker: "null"}})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := p.Close(); err != nil {
			t.Error(err)
		}
	}()
	for range 2 { // and it can be made again
		c, err := p.TestCall()
		if err != nil {
			t.Fatal(err)
		}
		until(t, c, InCall)
		eventually(t, "the own picture comes back", func() bool {
			return c.Draw(c.PeerID(), image.NewRGBA(image.Rect(0, 0, 64, 36)), 0) > 0
		})
		if err := c.Confirm(); err == nil {
			t.Error("the echo is verified")
		}
		c.HangUp()
		until(t, c, Ended)
	}
	if people := p.Profile().People(); len(people) != 0 {
		t.Errorf("the test call is in the list: %+v", people)
	}
}

func TestEndings(t *testing.T) {
	w := newWorld(t)
	ada := w.phone(t, "ada", Sources{}, AcceptNone)
	contacts := w.phone(t, "carla", Sources{}, AcceptContacts)
	if _, err := contacts.AddContact("ADA"); err != nil {
		t.Fatal(err)
	}
	eventually(t, "carla's directory tells ada's identity", func() bool { return person(contacts, "ADA").Identity != nil })
	w.phone(t, "dora", Sources{}, AcceptNone)
	gone := w.phone(t, "gone", Sources{}, AcceptAnyone)
	if err := gone.SetService("gone", "", ""); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name   string
		reason Reason
	}{
		{"nobody", mesh.UnknownName},
		{"dora", mesh.Declined},
		{"gone", mesh.Offline},
	} {
		call, err := ada.Call(c.name)
		if err != nil {
			t.Fatal(err)
		}
		if st := until(t, call, Ended); st.Reason != c.reason || call.Sentence(st.Reason) == "" {
			t.Errorf("%s: ended as %q (%s), want %q", c.name, st.Reason, call.Sentence(st.Reason), c.reason)
		}
	}
	for _, p := range ada.Profile().People() {
		if p.Name == "nobody" {
			t.Error("a name that nobody has is in the list")
		}
	}
	call, err := ada.Call("carla")
	if err != nil {
		t.Fatal(err)
	}
	in := incoming(t, contacts)
	in.HangUp()
	if st := until(t, call, Ended); st.Reason != mesh.Declined {
		t.Errorf("declined call ended as %s", st.Reason)
	}
	if st := until(t, in, Ended); in.Sentence(st.Reason) != "You declined the call from ADA." {
		t.Errorf("whoever declines is told: %s", in.Sentence(st.Reason))
	}
	for reason, want := range map[Reason]string{mesh.NoAnswer: "You missed a call from ADA.", mesh.Cancelled: "ADA stopped calling before you answered."} {
		if text := in.Sentence(reason); text != want {
			t.Errorf("%s, for the callee: %s", reason, text)
		}
	}
}

func TestWhoIsOnTheListIsCalledUnderAnyName(t *testing.T) {
	p := newPhone(t, Config{})
	long := strings.Repeat("n", maxName+1)
	if err := p.Profile().AddPerson(long); err != nil {
		t.Fatal(err)
	}
	if w, err := p.want(long); err != nil || w.name != long || !w.known {
		t.Errorf("%+v, %v", w, err)
	}
}

func TestNames(t *testing.T) {
	for name, ok := range map[string]bool{
		"Ada": true, "Ada Lovelace": true, "Ærøskøbing": true, strings.Repeat("ü", maxName): true,
		"": false, " Ada": false, "Ada ": false, "A\nda": false, "\xff": false, "\u202eadA": false, strings.Repeat("a", maxName+1): false,
	} {
		if err := CheckName(name); (err == nil) != ok {
			t.Errorf("CheckName(%q) is %v", name, err)
		}
	}
}

func waitChat(t *testing.T, c *Call, want ChatLine) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	for {
		ev, err := c.Next(ctx)
		if err != nil {
			t.Fatal(errors.Join(errors.New("no chat"), err))
		}
		if line, ok := ev.(ChatLine); ok {
			if line.From != want.From || line.Text != want.Text || line.PeerID.String() != c.PeerID() {
				t.Errorf("chat is %+v, want %+v", line, want)
			}
			return
		}
	}
}
