package phone

import (
	"cmp"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"strings"
	"time"

	"sundog.dev/sundog/internal/keystore"
	"sundog.dev/sundog/internal/profile"
	"sundog.dev/sundog/media"
	"sundog.dev/sundog/mesh"
	"sundog.dev/sundog/mesh/room"
)

// maxPeers is the most others that a call can have: all of them compare one short string.
const maxPeers = room.MaxMembers - 1

// ErrNotInThisVersion marks what the contract of the flags promises and this version cannot do yet.
var ErrNotInThisVersion = errors.New("not in this version")

// passwordVariable is where the password of an XMPP account comes from: a flag would show it to everybody on the machine.
const passwordVariable = "SUNDOG_XMPP_PASSWORD"

// keyringVariable is what --keyring is when it is not given.
const keyringVariable = "SUNDOG_KEYRING"

// Flags are the service and source flags that the desktop app and sundog-headless share.
type Flags struct {
	ProfileDir string
	Keyring    string
	Name       string
	Server     string
	Directory  string
	Bind       string
	Relay      string
	Sources    Sources
	MaxPeers   int
	UplinkCap  int
	Accept     string
	OldClients string
	Verify     string
	Processing string
	Duration   time.Duration
	JSON       bool

	given map[string]bool
}

// Register adds the flags to a set. The defaults of the sources are the
// caller's: a window wants devices, a server none.
func (f *Flags) Register(set *flag.FlagSet, defaults Sources) {
	set.StringVar(&f.ProfileDir, "profile", "", "the `folder` where name, contacts and settings live (default: per user)")
	set.StringVar(&f.Keyring, "keyring", cmp.Or(os.Getenv(keyringVariable), string(keystore.Auto)),
		"where a new identity key goes: auto (the system's keyring, or a file where there is none) | off (a file);\n"+
			keyringVariable+" sets it, too")
	set.StringVar(&f.Name, "name", "", "the `name` to register")
	set.StringVar(&f.Server, "server", "", "the service, rtmfp://host[:port][/key]")
	set.Func("directory", "where names are: `http(s)://host/…` | xmpp:user@host (password from "+passwordVariable+") | lan | service (port 8035 of the service's host);\n"+
		"may be given several times, or with commas (default: service, or lan without --server)", func(s string) error {
		if f.Directory != "" {
			f.Directory += ","
		}
		f.Directory += s
		return nil
	})
	set.StringVar(&f.Bind, "bind", "", "local UDP `address`, host:port (default: any)")
	set.StringVar(&f.Relay, "relay", "", "not in this version")
	set.StringVar(&f.Sources.Camera, "camera", defaults.Camera, "none | default | device:ID | screen | test[:WxH@FPS] | file:CLIP.y4m (loops)")
	set.StringVar(&f.Sources.Mic, "mic", defaults.Mic, "none | default | device:ID | tone[:HZ] | file:SPEECH.wav (loops) | silence")
	set.StringVar(&f.Sources.Speaker, "speaker", defaults.Speaker, "null | default | device:ID | file:OUT.wav")
	set.StringVar(&f.Sources.Display, "display", defaults.Display, "null | dir:FOLDER (one NAME.y4m per person)")
	set.IntVar(&f.MaxPeers, "max-peers", 0, fmt.Sprintf("the most others in a call, %d at most (default %d)", maxPeers, mesh.DefaultMaxPeers))
	set.IntVar(&f.UplinkCap, "uplink-cap", 0, "the most that a call may send to all together, in kbit/s with all headers (default: as much as the line carries)")
	set.StringVar(&f.Accept, "accept", "", "who may ring: contacts | verified | anyone | none; contacts and verified go by the identity that callers prove")
	set.StringVar(&f.OldClients, "old-clients", "", "programs that cannot prove an identity: refuse | allow (default refuse)")
	set.StringVar(&f.Verify, "verify", "", "the short string to compare by voice: auto (agreed on in each call) | off (only when the other side or the user asks for it); default auto")
	set.StringVar(&f.Processing, "processing", "off", "on is not in this version")
	set.Func("duration", "hang up this long after the call is established, a `time` such as 20s (default: when the other side does)", func(s string) (err error) {
		if f.Duration, err = time.ParseDuration(s); err != nil {
			return errors.New("write a time such as 20s or 1m30s")
		}
		return nil
	})
	set.BoolVar(&f.JSON, "json", false, "one JSON object a line on standard output, the log on standard error")
}

// Parse parses args, with flags before and behind the command words, which it
// returns. Its errors are one sentence each.
func (f *Flags) Parse(set *flag.FlagSet, args []string) (words []string, err error) {
	set.SetOutput(io.Discard)
	for len(args) > 0 {
		if err := set.Parse(args); err != nil {
			if errors.Is(err, flag.ErrHelp) {
				return nil, err
			}
			return nil, errors.New(strings.NewReplacer(" flag -", " --", ": -", ": --").Replace(err.Error())) // as users write them
		}
		args = set.Args()
		if len(args) > 0 {
			words, args = append(words, args[0]), args[1:]
		}
	}
	f.given = map[string]bool{}
	set.Visit(func(fl *flag.Flag) { f.given[fl.Name] = true })
	return words, nil
}

// Given reports whether the user gave the flag.
func (f *Flags) Given(name string) bool { return f.given[name] }

// Check says what is wrong with the flags' values.
func (f *Flags) Check() error {
	switch {
	case f.Given("relay"):
		return fmt.Errorf("--relay: %w", ErrNotInThisVersion)
	case f.UplinkCap < 0:
		return fmt.Errorf("--uplink-cap is a number of kbit/s above 0, not %d", f.UplinkCap)
	case f.MaxPeers > maxPeers:
		return fmt.Errorf("--max-peers is %d at most, not %d: no more than %d people can compare one short string, by which they know that nobody sits in between", maxPeers, f.MaxPeers, room.MaxMembers)
	case f.MaxPeers < 0:
		return fmt.Errorf("--max-peers is a number above 0, not %d", f.MaxPeers)
	case f.Duration < 0:
		return fmt.Errorf("--duration is a time above 0, not %v", f.Duration)
	}
	if f.Verify != "" && f.Verify != VerifyAuto && f.Verify != VerifyOff {
		return fmt.Errorf("--verify is %s or %s, not %q", VerifyAuto, VerifyOff, f.Verify)
	}
	if f.OldClients != "" {
		if _, err := ParseOldClients(f.OldClients); err != nil {
			return err
		}
	}
	if err := oneOf("processing", f.Processing, "off", "on"); err != nil {
		return err
	}
	if f.Keyring != "" {
		if _, err := keystore.ParseUse(f.Keyring); err != nil {
			return err
		}
	}
	if f.Name != "" {
		if err := CheckName(f.Name); err != nil {
			return fmt.Errorf("--name: %w", err)
		}
	}
	if f.Accept != "" {
		if _, err := ParseAccept(f.Accept); err != nil {
			return err
		}
	}
	if f.Server != "" {
		if _, err := CheckService(f.Server, f.Directory); err != nil {
			return err
		}
	}
	if _, err := f.bindAddr(); err != nil {
		return err
	}
	return f.checkSources()
}

// oneOf checks a switch whose second choice is for a later version.
func oneOf(name, value, now, later string) error {
	switch value {
	case now:
		return nil
	case later:
		return fmt.Errorf("--%s %s: %w", name, later, ErrNotInThisVersion)
	}
	return fmt.Errorf("--%s is %s or %s, not %q", name, now, later, value)
}

func (f *Flags) checkSources() error {
	for _, c := range []struct {
		flag, spec string
		check      func(string) error
	}{
		{"camera", f.Sources.Camera, media.CheckVideoSpec},
		{"mic", f.Sources.Mic, media.CheckAudioSpec},
		{"speaker", f.Sources.Speaker, media.CheckSpeakerSpec},
		{"display", f.Sources.Display, media.CheckDisplaySpec},
	} {
		if c.spec == "" && !f.Given(c.flag) {
			continue // the settings say
		}
		if err := c.check(c.spec); err != nil {
			return fmt.Errorf("--%s: %w", c.flag, err)
		}
	}
	return f.checkFiles()
}

func (f *Flags) bindAddr() (netip.AddrPort, error) {
	if f.Bind == "" {
		return netip.AddrPort{}, nil
	}
	a, err := netip.ParseAddrPort(f.Bind)
	if err == nil {
		return a, nil
	}
	if ip, err := netip.ParseAddr(f.Bind); err == nil {
		return netip.AddrPortFrom(ip, 0), nil
	}
	if _, port, err := net.SplitHostPort(f.Bind); err == nil && strings.HasPrefix(f.Bind, ":") {
		return netip.ParseAddrPort("[::]:" + port)
	}
	return netip.AddrPort{}, fmt.Errorf("--bind is an address such as 192.0.2.1:5000, not %q", f.Bind)
}

// policies takes the choices about trust from the flags, else from the settings. Who may ring is a window's setting (its default is
// anyone): here it counts where it is stricter than the default of the flag.
func (f *Flags) policies(cfg *Config, set profile.Settings) {
	if cfg.Accept == "" {
		cfg.Accept = AcceptContacts
		if stricter := Accept(set.Accept); stricter == AcceptVerified || stricter == AcceptNone {
			cfg.Accept = stricter
		}
	}
	cfg.OldClients = cmp.Or(f.OldClients, set.OldClients) == OldClientsAllow
	cfg.VerifyOff = f.Verify == VerifyOff
}

// Folder is the profile's.
func (f *Flags) Folder() (string, error) {
	if f.ProfileDir != "" {
		return f.ProfileDir, nil
	}
	return profile.DefaultDir()
}

// OpenProfile opens the profile that the flags name.
func (f *Flags) OpenProfile(options ...profile.Option) (*profile.Store, error) {
	dir, err := f.Folder()
	if err != nil {
		return nil, err
	}
	return profile.Open(dir, append(options, profile.WithKeyring(keystore.Use(f.Keyring)))...)
}

// Config makes a phone's configuration of the checked flags: it opens the
// profile, whose settings hold where no flag was given.
func (f *Flags) Config() (Config, error) {
	store, err := f.OpenProfile()
	if err != nil {
		return Config{}, err
	}
	bind, err := f.bindAddr()
	if err != nil {
		return Config{}, errors.Join(err, store.Close())
	}
	set := store.Settings()
	cfg := Config{
		Profile: store, Name: f.Name, Server: f.Server, Directory: f.Directory, Bind: bind,
		Sources: f.Sources, MaxPeers: f.MaxPeers, UplinkCap: 1000 * f.UplinkCap, Accept: Accept(f.Accept), Password: os.Getenv(passwordVariable),
	}
	if cfg.Name == "" {
		cfg.Name = set.Name
	}
	if cfg.Server == "" && !f.Given("server") {
		cfg.Server, cfg.Directory = set.Server, set.Directory
		if f.Directory != "" {
			cfg.Directory = f.Directory
		}
	}
	if _, err := CheckService(cfg.Server, cfg.Directory); err != nil {
		return Config{}, errors.Join(err, store.Close())
	}
	if cfg.SaveData = set.DataSaver; !f.Given("uplink-cap") {
		cfg.UplinkCap = set.UplinkCap
	}
	f.policies(&cfg, set)
	return cfg, nil
}
