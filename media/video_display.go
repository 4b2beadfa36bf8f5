package media

import (
	"errors"
	"fmt"
	"image"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"unicode"

	"sundog.dev/sundog/media/y4m"
)

// CheckDisplaySpec says what is wrong with a spec.
func CheckDisplaySpec(spec string) error {
	switch kind, arg, hasArg := strings.Cut(spec, ":"); {
	case kind == "null" && !hasArg:
		return nil
	case kind == "dir" && arg != "":
		return nil
	case kind == "dir":
		return fmt.Errorf("display %q: the folder is missing", spec)
	default:
		return fmt.Errorf("display %q is unknown; use null or dir:FOLDER", spec)
	}
}

// OpenDisplay opens a display by its spec, null or dir:FOLDER (NAME.y4m for this person, complete at Close).
func OpenDisplay(spec, name string) (VideoSink, error) {
	if err := CheckDisplaySpec(spec); err != nil {
		return nil, err
	}
	if spec == "null" {
		return nullDisplay{}, nil
	}
	_, folder, _ := strings.Cut(spec, ":")
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return nil, fmt.Errorf("the folder for received video: %w", err)
	}
	return newFileDisplay(folder, fileName(name))
}

// nullDisplay takes pictures and keeps none; the receiver measures them.
type nullDisplay struct{}

func (nullDisplay) Put(VideoFrame)    {}
func (nullDisplay) needsPixels() bool { return false }
func (nullDisplay) Close() error      { return nil }

// fileDisplay writes every picture to a Y4M file. Its own goroutine writes; Put copies and never blocks. A stream cannot change its
// picture size, so pictures of another size go to a further file, NAME-2.y4m.
type fileDisplay struct {
	folder, name string
	in           chan *image.YCbCr
	spare        chan *image.YCbCr
	done         chan struct{}

	mu     sync.Mutex
	closed bool
	lost   int // pictures that the disk was too slow for

	// The writer's own.
	file *os.File
	out  *y4m.Writer
	part []string // paths in use
	err  error
}

func newFileDisplay(folder, name string) (*fileDisplay, error) {
	d := &fileDisplay{
		folder: folder, name: name,
		in: make(chan *image.YCbCr, displayQueue), spare: make(chan *image.YCbCr, displayQueue), done: make(chan struct{}),
	}
	if err := d.nextFile(); err != nil {
		return nil, err
	}
	go d.run()
	return d, nil
}

func (d *fileDisplay) Put(f VideoFrame) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closed {
		return
	}
	if len(d.in) == cap(d.in) {
		d.lost++
		return
	}
	var img *image.YCbCr
	select {
	case img = <-d.spare:
	default:
	}
	d.in <- copyPicture(img, f.Image)
}

func (d *fileDisplay) run() {
	defer close(d.done)
	for img := range d.in {
		if d.err == nil {
			d.err = d.write(img)
		}
		select {
		case d.spare <- img:
		default:
		}
	}
	d.err = errors.Join(d.err, d.finish())
	openDisplays.release(d.part)
}

func (d *fileDisplay) write(img *image.YCbCr) error {
	size := img.Rect.Size()
	if d.out != nil && (d.out.Header().Width != size.X || d.out.Header().Height != size.Y) {
		if err := d.finish(); err != nil {
			return err
		}
		if err := d.nextFile(); err != nil {
			return err
		}
	}
	if d.out == nil {
		w, err := y4m.NewWriter(d.file, y4m.Header{Width: size.X, Height: size.Y, RateNum: displayRate, RateDen: 1})
		if err != nil {
			return err
		}
		d.out = w
	}
	return d.out.Write(img)
}

func (d *fileDisplay) nextFile() error {
	path := openDisplays.claim(d.folder, d.name)
	f, err := os.Create(path)
	if err != nil {
		openDisplays.release([]string{path})
		return fmt.Errorf("the file for received video: %w", err)
	}
	d.file, d.out = f, nil
	d.part = append(d.part, path)
	return nil
}

// finish completes the file; one that got no picture is removed.
func (d *fileDisplay) finish() error {
	if d.file == nil {
		return nil
	}
	var err error
	if d.out != nil {
		err = d.out.Flush()
	}
	err = errors.Join(err, d.file.Close())
	if d.out == nil {
		err = errors.Join(err, os.Remove(d.file.Name()))
	}
	d.file, d.out = nil, nil
	return err
}

// Close writes what is queued and completes the file. Its error says if pictures are missing.
func (d *fileDisplay) Close() error {
	d.mu.Lock()
	if !d.closed {
		d.closed = true
		close(d.in)
	}
	lost := d.lost
	d.mu.Unlock()
	<-d.done
	if d.err == nil && lost > 0 {
		return fmt.Errorf("%d received pictures are missing in the file: the disk was too slow", lost)
	}
	return d.err
}

// copyPicture copies src, into dst if that has its size.
func copyPicture(dst, src *image.YCbCr) *image.YCbCr {
	size := src.Rect.Size()
	if dst == nil || dst.Rect.Size() != size {
		dst = image.NewYCbCr(image.Rectangle{Max: size}, image.YCbCrSubsampleRatio420)
	}
	cw, ch := (size.X+1)/2, (size.Y+1)/2
	y, c := src.YOffset(src.Rect.Min.X, src.Rect.Min.Y), src.COffset(src.Rect.Min.X, src.Rect.Min.Y)
	for row := range size.Y {
		copy(dst.Y[row*dst.YStride:][:size.X], src.Y[y+row*src.YStride:])
	}
	for row := range ch {
		copy(dst.Cb[row*dst.CStride:][:cw], src.Cb[c+row*src.CStride:])
		copy(dst.Cr[row*dst.CStride:][:cw], src.Cr[c+row*src.CStride:])
	}
	return dst
}

// displayPaths are the files that this process is writing, so that two people of one name do not write into one.
type displayPaths struct {
	mu    sync.Mutex
	inUse map[string]bool
}

var openDisplays = displayPaths{inUse: map[string]bool{}}

func (p *displayPaths) claim(folder, name string) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	for n := 1; ; n++ {
		path := filepath.Join(folder, name+".y4m")
		if n > 1 {
			path = filepath.Join(folder, fmt.Sprintf("%s-%d.y4m", name, n))
		}
		if !p.inUse[path] {
			p.inUse[path] = true
			return path
		}
	}
}

func (p *displayPaths) release(paths []string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, path := range paths {
		delete(p.inUse, path)
	}
}

// fileName makes a file's name of a person's: letters, digits and a few signs, nothing that a file system takes for something else.
func fileName(name string) string {
	clean := strings.Map(func(r rune) rune {
		switch {
		case unicode.IsLetter(r), unicode.IsDigit(r), strings.ContainsRune(" -_.@+", r):
			return r
		}
		return '_'
	}, name)
	if r := []rune(clean); len(r) > maxFileName {
		clean = string(r[:maxFileName])
	}
	clean = strings.Trim(clean, " .")
	if clean == "" {
		return "unnamed"
	}
	return clean
}
