package main

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

// exportPassphrase seals what goes to another machine.
const exportPassphrase = "correct horse battery staple"

// keyringPatience bounds what is only slow when something is wrong, in s.
const keyringPatience = 3

// identityTold is what the command identity told.
type identityTold struct {
	Identity string `json:"identity"`
	KeptIn   string `json:"kept_in"`
	Backup   string `json:"backup"`

	said   string // on standard error
	status int
	took   time.Duration
}

// keyringCheck is what its steps share.
type keyringCheck struct {
	*bench
	desktop *desktop // with a keyring
	bare    *desktop // without one
	profile string
	public  string // its identity, in hex
	export  string
}

// checkKeyring keeps an identity key in a real keyring, takes that away in each way, and brings the key back.
func checkKeyring(ctx context.Context, b *bench) error {
	k := &keyringCheck{bench: b, profile: filepath.Join(b.dir, "ada"), export: filepath.Join(b.dir, "ada.sundog")}
	var err error
	if k.desktop, err = newDesktop(ctx, filepath.Join(b.dir, "desktop"), true); err != nil {
		return err
	}
	defer k.desktop.end()
	if k.bare, err = newDesktop(ctx, filepath.Join(b.dir, "bare"), false); err != nil {
		return err
	}
	defer k.bare.end()
	for _, step := range []func(context.Context) error{
		k.keeps, k.survivesRestarts, k.holdsNoKeyInFiles, k.keepsTwoProfilesApart, k.startsManyAtOnce, k.exports,
		k.tellsAnAbsentKeyring, k.tellsASilentKeyring, k.tellsALockedKeyring, k.isUnlockedByTheUser,
		k.comesBackFromAnExport, k.goesToAnotherMachine, k.movesOnRequest,
	} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return nil
}

// identity runs the command in a session.
func (k *keyringCheck) identity(ctx context.Context, d *desktop, profile string, words ...string) (told identityTold, err error) {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	cmd := exec.CommandContext(ctx, filepath.Join(k.programs, "sundog-headless"), append([]string{"--profile", profile, "--json"}, words...)...)
	cmd.Env = append(d.env(), "SUNDOG_PASSPHRASE="+exportPassphrase)
	var out, said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &said
	started := time.Now()
	err = cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		return told, err
	}
	if out.Len() > 0 {
		if err := json.Unmarshal(out.Bytes(), &told); err != nil {
			return told, fmt.Errorf("%q: %w", out.String(), err)
		}
	}
	told.said, told.status, told.took = strings.TrimSpace(said.String()), cmd.ProcessState.ExitCode(), time.Since(started)
	return told, nil
}

func (k *keyringCheck) keeps(ctx context.Context) error {
	told, err := k.identity(ctx, k.desktop, k.profile, "identity")
	if err != nil {
		return err
	}
	k.public = told.Identity
	k.report.equals("first start: exit status", told.status, 0)
	k.report.equals("first start: the key is kept in", told.KeptIn, "the system's keyring")
	k.report.atMost("first start: done within", told.took.Seconds(), keyringPatience, "s")
	return nil
}

func (k *keyringCheck) survivesRestarts(ctx context.Context) error {
	k.desktop.endKeyring()
	if err := k.desktop.startKeyring(ctx); err != nil {
		return err
	}
	told, err := k.identity(ctx, k.desktop, k.profile, "identity")
	if err != nil {
		return err
	}
	k.report.holds("signing out and in, and a restart, find the key", told.status == 0 && told.Identity == k.public, told.said)
	return nil
}

// holdsNoKeyInFiles reads the key by another program, and looks for it in the profile's folder.
func (k *keyringCheck) holdsNoKeyInFiles(context.Context) error {
	seed, err := k.seed()
	if err != nil {
		return err
	}
	k.report.holds("secret-tool finds the key of that identity", seed != nil, "")
	found, err := filesWith(k.profile, seed)
	k.report.holds("no file of the profile holds the key", len(found) == 0, strings.Join(found, ", "))
	return err
}

// seed is what the keyring holds of the identity.
func (k *keyringCheck) seed() ([]byte, error) {
	secrets, err := k.desktop.secrets()
	if err != nil {
		return nil, err
	}
	for _, secret := range secrets {
		secret, _ = strings.CutPrefix(secret, "sundog-key-1:")
		seed, err := base64.StdEncoding.DecodeString(secret)
		if err != nil || len(seed) != ed25519.SeedSize {
			return nil, fmt.Errorf("the keyring holds a key of %d bytes: %w", len(seed), err)
		}
		if hex.EncodeToString(ed25519.NewKeyFromSeed(seed)[ed25519.SeedSize:]) == k.public {
			return seed, nil
		}
	}
	return nil, errors.New("the keyring does not hold the key of the identity")
}

// filesWith are the files below a folder in which a key is to be found, in whatever form.
func filesWith(dir string, seed []byte) (found []string, err error) {
	forms := [][]byte{seed, []byte(hex.EncodeToString(seed)), []byte(base64.RawStdEncoding.EncodeToString(seed))}
	err = filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		b, err := os.ReadFile(path)
		for _, form := range forms {
			if bytes.Contains(b, form) {
				found = append(found, path)
				break
			}
		}
		return err
	})
	return found, err
}

func (k *keyringCheck) keepsTwoProfilesApart(ctx context.Context) error {
	second := filepath.Join(k.dir, "ben")
	first, err := k.identity(ctx, k.desktop, second, "identity")
	if err != nil {
		return err
	}
	again, err := k.identity(ctx, k.desktop, second, "identity")
	if err != nil {
		return err
	}
	ada, err := k.identity(ctx, k.desktop, k.profile, "identity")
	if err != nil {
		return err
	}
	k.report.holds("two profiles have a key each in one keyring",
		first.Identity == again.Identity && first.Identity != k.public && ada.Identity == k.public && again.KeptIn == ada.KeptIn, again.said+ada.said)
	return nil
}

// startsManyAtOnce has several programs make the identity of one profile.
func (k *keyringCheck) startsManyAtOnce(ctx context.Context) error {
	const programs = 6
	before, err := k.desktop.secrets()
	if err != nil {
		return err
	}
	told, errs := make([]identityTold, programs), make([]error, programs)
	var starting sync.WaitGroup
	for i := range programs {
		starting.Go(func() { told[i], errs[i] = k.identity(ctx, k.desktop, filepath.Join(k.dir, "many"), "identity") })
	}
	starting.Wait()
	if err := errors.Join(errs...); err != nil {
		return err
	}
	same := true
	for _, t := range told {
		same = same && t.status == 0 && t.Identity == told[0].Identity
	}
	k.report.holds(fmt.Sprintf("%d first starts at once make one identity", programs), same, fmt.Sprintf("%+v", told))
	after, err := k.desktop.secrets()
	k.report.equals("… and leave one more key in the keyring", len(after)-len(before), 1)
	return err
}

func (k *keyringCheck) exports(ctx context.Context) error {
	told, err := k.identity(ctx, k.desktop, k.profile, "identity", "export", k.export)
	if err != nil {
		return err
	}
	k.report.equals("export: exit status", told.status, 0)
	info, err := os.Stat(k.export)
	if err != nil {
		return err
	}
	k.report.equals("export: the file's mode", info.Mode().Perm(), fs.FileMode(0o600))
	seed, err := k.seed()
	if err != nil {
		return err
	}
	found, err := filesWith(filepath.Dir(k.export), seed)
	k.report.holds("export: the key is not to be read in it", len(found) == 0, strings.Join(found, ", "))
	return err
}

// comesBackFromAnExport loses the key for good.
func (k *keyringCheck) comesBackFromAnExport(ctx context.Context) error {
	if out, err := k.desktop.command("secret-tool", "clear", "service", "Sundog").CombinedOutput(); err != nil {
		return fmt.Errorf("secret-tool: %w: %s", err, out)
	}
	if err := k.refused(ctx, k.desktop, "an emptied keyring", "not there any more", keyringPatience); err != nil {
		return err
	}
	told, err := k.identity(ctx, k.desktop, k.profile, "identity", "import", k.export)
	if err != nil {
		return err
	}
	k.report.holds("import: the key is back in the keyring", told.status == 0 && told.Identity == k.public && told.KeptIn == "the system's keyring", told.said)
	k.report.atMost("import: takes", told.took.Seconds(), 5, "s")
	again, err := k.identity(ctx, k.desktop, k.profile, "identity")
	k.report.holds("… and found by the next start", again.status == 0 && again.Identity == k.public, again.said)
	return err
}

func (k *keyringCheck) goesToAnotherMachine(ctx context.Context) error {
	there := filepath.Join(k.dir, "machine")
	told, err := k.identity(ctx, k.bare, there, "identity", "import", k.export)
	if err != nil {
		return err
	}
	k.report.holds("another machine has the identity after an import", told.status == 0 && told.Identity == k.public, told.said)
	other, err := k.identity(ctx, k.bare, filepath.Join(k.dir, "no bus"), "identity", "import", k.export)
	if err != nil {
		return err
	}
	k.report.holds("a profile with another identity is left as it is", other.status == 1 && strings.Contains(other.said, "--replace"), other.said)
	if other, err = k.identity(ctx, k.bare, filepath.Join(k.dir, "no bus"), "--replace", "identity", "import", k.export); err != nil {
		return err
	}
	_, missing := os.Stat(other.Backup)
	k.report.holds("with --replace it changes, and its own is kept in a sealed file", other.status == 0 && other.Identity == k.public && missing == nil, other.said)
	return nil
}

func (k *keyringCheck) movesOnRequest(ctx context.Context) error {
	seed, err := k.seed()
	if err != nil {
		return err
	}
	told, err := k.identity(ctx, k.desktop, k.profile, "identity", "keep", "file")
	if err != nil {
		return err
	}
	_, gone := k.seed()
	found, err := filesWith(k.profile, seed)
	if err != nil {
		return err
	}
	k.report.holds("keep file: the key is in one file, and not in the keyring", told.status == 0 && len(found) == 1 && gone != nil, told.said)
	if told, err = k.identity(ctx, k.desktop, k.profile, "identity", "keep", "keyring"); err != nil {
		return err
	}
	if found, err = filesWith(k.profile, seed); err != nil {
		return err
	}
	back, err := k.seed()
	k.report.holds("keep keyring: the other way round", told.status == 0 && len(found) == 0 && bytes.Equal(back, seed), told.said)
	return err
}
