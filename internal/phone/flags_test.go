package phone

import (
	"errors"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"sundog.dev/sundog/internal/profile"
)

func parseFlags(t *testing.T, args ...string) (*Flags, []string, error) {
	t.Helper()
	var f Flags
	set := flag.NewFlagSet("test", flag.ContinueOnError)
	f.Register(set, Sources{Camera: "none", Mic: "none", Speaker: "null", Display: "null"})
	words, err := f.Parse(set, args)
	return &f, words, err
}

func TestFlagsStandBeforeAndBehindWords(t *testing.T) {
	f, words, err := parseFlags(t, "--name", "ada", "call", "--json", "bob", "--duration=20s")
	if err != nil || !slices.Equal(words, []string{"call", "bob"}) || f.Name != "ada" || !f.JSON || f.Duration.Seconds() != 20 {
		t.Errorf("words %q, flags %+v, %v", words, f, err)
	}
	if !f.Given("name") || f.Given("server") {
		t.Error("Given does not tell what was given")
	}
}

func TestFlagsAreChecked(t *testing.T) {
	for _, c := range []struct {
		args  string
		want  string // in the sentence; "" for no error
		later bool
	}{
		{args: "--name ada --server rtmfp://example.org"},
		{args: "--camera test:320x240@15 --mic tone:440 --speaker null --display null"},
		{args: "--bind 127.0.0.1:0"},
		{args: "--bind ::1"},
		{args: "--bind :5000"},
		{args: "--accept anyone --verify off --processing off"},
		{args: "--bind home", want: "--bind"},
		{args: "--accept friends", want: "contacts, verified, anyone or none"},
		{args: "--accept verified --old-clients allow --verify auto"},
		{args: "--verify maybe", want: "auto or off"},
		{args: "--old-clients some", want: "refuse or allow"},
		{args: "--camera eye", want: "--camera"},
		{args: "--mic ear", want: "--mic"},
		{args: "--speaker mouth", want: "--speaker"},
		{args: "--display wall", want: "--display"},
		{args: "--server example.org", want: "rtmfp://"},
		{args: "--server rtmfp://example.org --directory ftp://example.org", want: "directory"},
		{args: "--max-peers -1", want: "--max-peers"},
		{args: "--duration -1s", want: "--duration"},
		{args: "--relay turn:example.org", want: "--relay", later: true},
		{args: "--uplink-cap 500"},
		{args: "--uplink-cap -1", want: "--uplink-cap"},
		{args: "--max-peers 15"},
		{args: "--max-peers 16", want: "15 at most, not 16: no more than 16 people can compare one short string"},
		{args: "--processing on", want: "--processing", later: true},
		{args: "--directory lan"},
		{args: "--server rtmfp://example.org --directory lan --directory xmpp:ada@example.org,http://example.com"},
		{args: "--server rtmfp://example.org --directory xmpp:example.org", want: "names no user"},
	} {
		f, _, err := parseFlags(t, strings.Fields(c.args)...)
		if err != nil {
			t.Errorf("%s: %v", c.args, err)
			continue
		}
		err = f.Check()
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want one about %q", c.args, err, c.want)
		}
		if errors.Is(err, ErrNotInThisVersion) != c.later {
			t.Errorf("%s: error %v, not in this version: %v", c.args, err, c.later)
		}
	}
}

func TestFilesOfFlagsAreChecked(t *testing.T) {
	junk, dir := writtenFile(t), t.TempDir()
	fresh := filepath.Join(dir, "fresh.wav")
	for _, c := range []struct{ flag, spec, want string }{
		{"--mic", "file:" + junk, "not a WAV file"},
		{"--mic", "file:" + filepath.Join(dir, "none.wav"), "no such file"},
		{"--camera", "file:" + junk, "cannot be played"},
		{"--camera", "file:" + filepath.Join(dir, "none.y4m"), "no such file"},
		{"--speaker", "file:" + filepath.Join(dir, "none", "out.wav"), "no folder"},
		{"--speaker", "file:" + dir, "cannot be written"},
		{"--speaker", "file:" + fresh, ""},
		{"--speaker", "file:" + junk, ""},
		{"--display", "dir:" + filepath.Join(junk, "folder"), "cannot be made"},
		{"--display", "dir:" + filepath.Join(dir, "new"), ""},
	} {
		f, _, err := parseFlags(t, c.flag, c.spec)
		if err != nil {
			t.Fatal(err)
		}
		err = f.Check()
		if (err == nil) != (c.want == "") || err != nil && (!strings.Contains(err.Error(), c.want) || !strings.HasPrefix(err.Error(), c.flag)) {
			t.Errorf("%s %s: error %v, want one about %q", c.flag, c.spec, err, c.want)
		}
	}
	if _, err := os.Stat(fresh); err == nil {
		t.Error("checking left a file behind")
	}
	if b, err := os.ReadFile(junk); err != nil || len(b) == 0 {
		t.Error("checking emptied a file:", err)
	}
}

func TestBadValuesAreToldAsUsersWriteFlags(t *testing.T) {
	for args, want := range map[string]string{
		"--duration soon":    `"soon" for --duration: write a time such as 20s`,
		"--max-peers many":   `"many" for --max-peers`,
		"--nonsense":         "--nonsense",
		"--duration=20s -x=": "--x",
	} {
		if _, _, err := parseFlags(t, strings.Fields(args)...); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v, want one about %s", args, err, want)
		}
	}
}

func TestProfileHoldsWhereNoFlagIsGiven(t *testing.T) {
	dir := t.TempDir()
	store, err := profile.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	saved := profile.Settings{Name: "ada", Server: "rtmfp://a.example", Directory: "http://a.example/"}
	if err := errors.Join(store.SaveSettings(saved), store.Close()); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ args, name, server, directory string }{
		{"", "ada", "rtmfp://a.example", "http://a.example/"},
		{"--name bob", "bob", "rtmfp://a.example", "http://a.example/"},
		{"--server rtmfp://b.example", "ada", "rtmfp://b.example", ""},
		{"--directory http://c.example/", "ada", "rtmfp://a.example", "http://c.example/"},
	} {
		f, _, err := parseFlags(t, append(strings.Fields(c.args), "--profile", dir)...)
		if err != nil {
			t.Fatal(err)
		}
		cfg, err := f.Config()
		if err != nil {
			t.Fatal(err)
		}
		if err := cfg.Profile.Close(); err != nil {
			t.Error(err)
		}
		if cfg.Name != c.name || cfg.Server != c.server || cfg.Directory != c.directory || cfg.Accept != AcceptContacts {
			t.Errorf("%s: %s, %s, %s, %s", c.args, cfg.Name, cfg.Server, cfg.Directory, cfg.Accept)
		}
	}
}

func TestTheSettingsSayWhoIsTrusted(t *testing.T) {
	for _, c := range []struct {
		args string
		set  profile.Settings
		want Config
	}{
		{"", profile.Settings{}, Config{Accept: AcceptContacts}},
		{"", profile.Settings{Accept: "anyone", OldClients: "allow"}, Config{Accept: AcceptContacts, OldClients: true}}, // anyone is for windows
		{"", profile.Settings{Accept: "verified"}, Config{Accept: AcceptVerified}},
		{"--accept anyone --old-clients refuse", profile.Settings{Accept: "none", OldClients: "allow"}, Config{Accept: AcceptAnyone}},
		{"--old-clients allow --verify off", profile.Settings{}, Config{Accept: AcceptContacts, OldClients: true, VerifyOff: true}},
	} {
		f, _, err := parseFlags(t, strings.Fields(c.args)...)
		if err != nil {
			t.Fatal(err)
		}
		got := Config{Accept: Accept(f.Accept)}
		f.policies(&got, c.set)
		if got.Accept != c.want.Accept || got.OldClients != c.want.OldClients || got.VerifyOff != c.want.VerifyOff {
			t.Errorf("%q with %+v: %s, %v, %v", c.args, c.set, got.Accept, got.OldClients, got.VerifyOff)
		}
	}
}

func FuzzParseDirectories(f *testing.F) {
	for _, list := range []string{"", "lan", "service", "lan,service", "http://a.example:8035/reg.cgi?x=1", "xmpp:ada@example.org?host=xmpps://h:1", ",,", "xmpp:@", "http://[::1"} {
		f.Add(list, "rtmfp://example.org")
		f.Add(list, "")
	}
	f.Fuzz(func(t *testing.T, list, server string) {
		if _, err := checkServer(server); server != "" && err != nil {
			return // it is refused before
		}
		specs, err := parseDirectories(list, server)
		if err != nil {
			if len(specs) > 0 || err.Error() == "" {
				t.Fatalf("an error and %+v", specs)
			}
			return
		}
		if len(specs) > maxDirectories {
			t.Fatalf("%d directories", len(specs))
		}
		for _, s := range specs {
			if (s.kind == DirectoryLAN) != (s.address == "") {
				t.Fatalf("%+v", s)
			}
		}
	})
}
