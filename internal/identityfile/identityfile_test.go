package identityfile

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// cheap is for tests only.
var cheap = Cost{Passes: 1, Memory: 64, Lanes: 2}

const passphrase = "correct horse battery staple"

func sealed(t testing.TB, content string, cost Cost) []byte {
	t.Helper()
	file, err := Seal([]byte(content), passphrase, cost)
	if err != nil {
		t.Fatal(err)
	}
	return file
}

func TestWhatIsSealedIsOpened(t *testing.T) {
	for _, content := range []string{"", "x", strings.Repeat("content ", 10000)} {
		file := sealed(t, content, cheap)
		if got, err := Open(file, passphrase); err != nil || string(got) != content {
			t.Errorf("%d bytes came back as %d, %v", len(content), len(got), err)
		}
		if content != "" && content != "x" && bytes.Contains(file, []byte(content[:16])) {
			t.Error("the content can be read")
		}
	}
	if bytes.Equal(sealed(t, "x", cheap), sealed(t, "x", cheap)) {
		t.Error("two files are the same")
	}
}

func TestThePassphraseIsTheSameFromEachKeyboard(t *testing.T) {
	file, err := Seal([]byte("x"), "b\u00e4r b\u00e4r b\u00e4r", cheap)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Open(file, "ba\u0308r ba\u0308r ba\u0308r"); err != nil {
		t.Error(err)
	}
}

// resummed changes a file and puts the sum right, as somebody would do on purpose.
func resummed(file []byte, change func([]byte)) []byte {
	file = bytes.Clone(file)
	change(file)
	sum := sha256.Sum256(file[:len(file)-sumSize])
	copy(file[len(file)-sumSize:], sum[:])
	return file
}

func asks(cost Cost) func([]byte) {
	return func(file []byte) {
		for i, n := range []uint32{cost.Passes, cost.Memory, cost.Lanes} {
			binary.BigEndian.PutUint32(file[len(magic)+1+4*i:], n)
		}
	}
}

func TestEachWrongFileIsToldAsWhatItIs(t *testing.T) {
	good := sealed(t, "content", cheap)
	for about, c := range map[string]struct {
		file []byte
		want error
	}{
		"nothing":                  {nil, ErrNotIdentity},
		"a picture":                {[]byte("\x89PNG and more than seventy-two bytes of it, so that it is long enough to be one of ours, nearly"), ErrNotIdentity},
		"a later version":          {resummed(good, func(b []byte) { b[len(magic)] = 2 }), ErrNewer},
		"only the beginning":       {good[:40], ErrDamaged},
		"all but the last byte":    {good[:len(good)-1], ErrDamaged},
		"one byte more":            {append(bytes.Clone(good), 0), ErrDamaged},
		"another length":           {resummed(good, func(b []byte) { b[len(magic)+1+15]++ }), ErrDamaged},
		"no passes":                {resummed(good, asks(Cost{0, 64, 2})), ErrDamaged},
		"no lanes":                 {resummed(good, asks(Cost{1, 64, 0})), ErrDamaged},
		"too little memory":        {resummed(good, asks(Cost{1, 15, 2})), ErrDamaged},
		"terabytes of memory":      {resummed(good, asks(Cost{1, 1<<32 - 1, 2})), ErrTooCostly},
		"just too much memory":     {resummed(good, asks(Cost{1, maxMemory + 1, 2})), ErrTooCostly},
		"passes for years":         {resummed(good, asks(Cost{1<<32 - 1, 64, 2})), ErrTooCostly},
		"just too much work":       {resummed(good, asks(Cost{5, maxMemory, 2})), ErrTooCostly},
		"thousands of lanes":       {resummed(good, asks(Cost{1, maxMemory, 100_000})), ErrTooCostly},
		"a changed salt":           {resummed(good, func(b []byte) { b[32]++ }), ErrPassphrase},
		"a changed nonce":          {resummed(good, func(b []byte) { b[48]++ }), ErrPassphrase},
		"changed content":          {resummed(good, func(b []byte) { b[headerSize]++ }), ErrPassphrase},
		"a cost that is not its":   {resummed(good, asks(Cost{2, 64, 2})), ErrPassphrase},
		"nothing wrong, even then": {resummed(good, func([]byte) {}), nil},
	} {
		if _, err := Open(c.file, passphrase); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", about, err, c.want)
		}
	}
	for i := range good {
		broken := bytes.Clone(good)
		broken[i] ^= 0x10
		if _, err := Open(broken, passphrase); err == nil || errors.Is(err, ErrPassphrase) {
			t.Fatalf("with byte %d flipped: %v", i, err)
		}
	}
	for _, wrong := range []string{"", "Correct horse battery staple", passphrase + " ", strings.Repeat("x", maxPassphrase+1)} {
		if _, err := Open(good, wrong); !errors.Is(err, ErrPassphrase) {
			t.Errorf("the passphrase %.40q: %v", wrong, err)
		}
	}
}

func TestWhatCannotBeOpenedIsNotSealed(t *testing.T) {
	for about, c := range map[string]struct {
		size       int
		passphrase string
		cost       Cost
		want       error
	}{
		"no passphrase":      {1, "", cheap, ErrShort},
		"a short one":        {1, "1234567", cheap, ErrShort},
		"an endless one":     {1, strings.Repeat("x", maxPassphrase+1), cheap, ErrLong},
		"too much content":   {MaxContent + 1, passphrase, cheap, ErrTooLarge},
		"a cost without end": {1, passphrase, Cost{1, maxMemory + 1, 1}, ErrTooCostly},
		"no cost":            {1, passphrase, Cost{}, ErrTooCostly},
	} {
		if _, err := Seal(make([]byte, c.size), c.passphrase, c.cost); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", about, err)
		}
	}
	if !Recommended.possible() || !Recommended.bearable() {
		t.Error("what is recommended is refused")
	}
}

// TestGoldenFile holds the format: a file written once must be opened for ever. The content, salt and nonce are the bytes 0, 1, 2 …
func TestGoldenFile(t *testing.T) {
	h := header{cost: Cost{Passes: 2, Memory: 1024, Lanes: 4}, size: 40}
	content := make([]byte, h.size)
	for i := range content {
		content[i] = byte(i)
	}
	copy(h.salt[:], content)
	copy(h.nonce[:], content)
	file, err := seal(&h, content, passphrase)
	if err != nil {
		t.Fatal(err)
	}
	if got := hex.EncodeToString(file); got != golden {
		t.Errorf("the file is\n%s", got)
	}
	b, err := hex.DecodeString(golden)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := Open(b, passphrase); err != nil || !bytes.Equal(got, content) {
		t.Errorf("the golden file holds %x, %v", got, err)
	}
}

func TestFilesAreWrittenOnceAndForTheUserAlone(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "me.identity")
	if err := Create(path, []byte("first")); err != nil {
		t.Fatal(err)
	}
	if err := Create(path, []byte("second")); !errors.Is(err, ErrExists) {
		t.Errorf("a second file: %v", err)
	}
	if b, err := Read(path); err != nil || string(b) != "first" {
		t.Errorf("the file holds %q, %v", b, err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("its mode is %v, %v", info.Mode(), err)
	}
	if err := Create(filepath.Join(dir, "none", "x"), nil); err == nil {
		t.Error("a file in a folder that is not there")
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 1 {
		t.Errorf("left are %v, %v", left, err)
	}
	huge := filepath.Join(dir, "huge")
	if err := errors.Join(os.WriteFile(huge, nil, 0o600), os.Truncate(huge, int64(maxFile)+1)); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{huge: "no exported identity", dir: "no exported identity", filepath.Join(dir, "none"): "there is no file"} {
		if _, err := Read(path); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", path, err)
		}
	}
}

// FuzzParse does not make keys: that takes as long as the file asks for.
func FuzzParse(f *testing.F) {
	good := sealed(f, "content", cheap)
	f.Add(good)
	f.Add(sealed(f, "", cheap))
	f.Add(resummed(good, asks(Cost{1<<32 - 1, 1<<32 - 1, 1<<32 - 1})))
	f.Add(good[:headerSize])
	f.Add([]byte(magic))
	f.Fuzz(func(t *testing.T, file []byte) {
		for _, file := range [][]byte{file, withSum(file)} {
			h, sealed, err := parse(file)
			if err != nil {
				continue
			}
			if !h.cost.possible() || !h.cost.bearable() || uint64(h.cost.Passes)*uint64(h.cost.Memory) > maxWork {
				t.Fatalf("a file may cost %+v", h.cost)
			}
			if again := withSum(slices.Concat(h.append(nil), sealed, make([]byte, sumSize))); !bytes.Equal(again, file) {
				t.Fatalf("%x was read as %x", file, again)
			}
		}
	})
}

// withSum puts a file's sum right, which chance never does.
func withSum(file []byte) []byte {
	if len(file) < sumSize {
		return file
	}
	return resummed(file, func([]byte) {})
}

func BenchmarkOpen(b *testing.B) {
	file := sealed(b, "content", Recommended)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Open(file, passphrase); err != nil {
			b.Fatal(err)
		}
	}
}

const golden = "" +
	"73756e646f67206964656e746974790100000002000004000000000400000028000102030405060708090a0b0c0d0e0f" +
	"000102030405060708090a0b0c0d0e0f101112131415161711d515252717d3eb09fc131fed9235b88e67471c6e30e1b3" +
	"370eb7ebf70bea7e1e5a8f9a71882657483922151dc6e3fca056d347aa57b821d87f32df62d7c4b68877c1862ad14ae9" +
	"1c2a4be56f9f136202cf0308e1aabbc8"
