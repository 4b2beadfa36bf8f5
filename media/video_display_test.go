package media

import (
	"errors"
	"image"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sundog.dev/sundog/media/y4m"
)

// readFile returns the greys of a file's pictures, and its header.
func readFile(t *testing.T, path string) (y4m.Header, []uint8) {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	r, err := y4m.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	img := r.Header().NewImage()
	var greys []uint8
	for r.Read(img) == nil {
		greys = append(greys, img.Y[len(img.Y)-1])
	}
	return r.Header(), greys
}

func openDisplay(t *testing.T, spec, name string) VideoSink {
	t.Helper()
	d, err := OpenDisplay(spec, name)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestADisplayFileHoldsEveryPicture(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "new", "folder")
	for round := range 2 { // the second call's file replaces the first's
		d := openDisplay(t, "dir:"+folder, "Ann")
		img := grey(32, 18, 0)
		for n := range displayQueue {
			for i := range img.Y {
				img.Y[i] = uint8(n + round) // the same memory again, as receivers do
			}
			d.Put(VideoFrame{Image: img})
		}
		if err := errors.Join(d.Close(), d.Close()); err != nil {
			t.Fatal(err)
		}
		d.Put(VideoFrame{Image: img}) // too late, and harmless
		h, greys := readFile(t, filepath.Join(folder, "Ann.y4m"))
		if h != (y4m.Header{Width: 32, Height: 18, RateNum: displayRate, RateDen: 1}) || len(greys) != displayQueue {
			t.Fatalf("%+v, %d pictures", h, len(greys))
		}
		for n, g := range greys {
			if int(g) != n+round {
				t.Errorf("picture %d is %d", n, g)
			}
		}
	}
}

func TestAnotherSizeGoesToAnotherFile(t *testing.T) {
	folder := t.TempDir()
	d := openDisplay(t, "dir:"+folder, "Ann")
	for _, size := range []image.Point{{32, 18}, {32, 18}, {16, 10}, {32, 18}} {
		d.Put(VideoFrame{Image: grey(size.X, size.Y, 50)})
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]struct{ w, pictures int }{"Ann.y4m": {32, 2}, "Ann-2.y4m": {16, 1}, "Ann-3.y4m": {32, 1}} {
		if h, greys := readFile(t, filepath.Join(folder, name)); h.Width != want.w || len(greys) != want.pictures {
			t.Errorf("%s: %d wide, %d pictures, wanted %+v", name, h.Width, len(greys), want)
		}
	}
}

func TestTwoPeopleOfOneNameHaveTwoFiles(t *testing.T) {
	folder := t.TempDir()
	a, b := openDisplay(t, "dir:"+folder, "Ann"), openDisplay(t, "dir:"+folder, "Ann")
	a.Put(VideoFrame{Image: grey(32, 18, 1)})
	b.Put(VideoFrame{Image: grey(32, 18, 2)})
	if err := errors.Join(a.Close(), b.Close()); err != nil {
		t.Fatal(err)
	}
	_, first := readFile(t, filepath.Join(folder, "Ann.y4m"))
	_, second := readFile(t, filepath.Join(folder, "Ann-2.y4m"))
	if len(first) != 1 || len(second) != 1 || first[0] != 1 || second[0] != 2 {
		t.Errorf("%v and %v", first, second)
	}
}

func TestWithoutPicturesThereIsNoFile(t *testing.T) {
	folder := t.TempDir()
	if err := openDisplay(t, "dir:"+folder, "Ann").Close(); err != nil {
		t.Fatal(err)
	}
	if files, err := os.ReadDir(folder); err != nil || len(files) != 0 {
		t.Errorf("%v, %v", files, err)
	}
}

func TestAFolderThatCannotBeMadeIsAnError(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := OpenDisplay("dir:"+file, "Ann"); err == nil {
		t.Error("a display was opened in a file")
	}
}

func TestDisplaySpecs(t *testing.T) {
	for spec, fine := range map[string]bool{"null": true, "dir:x": true, "dir:": false, "dir": false, "": false, "null:": false, "window": false} {
		if err := CheckDisplaySpec(spec); (err == nil) != fine {
			t.Errorf("%q: %v", spec, err)
		}
	}
	d := openDisplay(t, "null", "Ann")
	d.Put(VideoFrame{Image: grey(2, 2, 0)})
	if err := d.Close(); err != nil {
		t.Error(err)
	}
}

func TestNamesBecomeFileNames(t *testing.T) {
	for name, want := range map[string]string{
		"Ann":                             "Ann",
		"Ann Example":                     "Ann Example",
		"Jürgen":                          "Jürgen",
		"../../etc/passwd":                "_.._etc_passwd",
		`C:\x`:                            "C__x",
		"a\x00b\nc":                       "a_b_c",
		"":                                "unnamed",
		" .. ":                            "unnamed",
		"x@y.z":                           "x@y.z",
		strings.Repeat("n", 200):          strings.Repeat("n", maxFileName),
		strings.Repeat("ü", 200):          strings.Repeat("ü", maxFileName),
		"<script>":                        "_script_",
		"\u202Etxt.exe":                   "_txt.exe",
		"con?":                            "con_",
		strings.Repeat(".", 200):          "unnamed",
		"Ann/" + strings.Repeat("./", 90): "Ann_" + strings.TrimRight(strings.Repeat("._", 90)[:maxFileName-4], "."),
	} {
		if got := fileName(name); got != want {
			t.Errorf("%q became %q, wanted %q", name, got, want)
		}
	}
}
