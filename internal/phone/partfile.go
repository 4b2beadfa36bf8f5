package phone

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"sundog.dev/sundog/mesh"
)

// maxSameName bounds how many files of one name a folder may get: "report (2).pdf" and so on.
const maxSameName = 1000

// partFile is a file that comes, on the disk. It is NAME.XXXXXXXX.part until it is whole, XXXXXXXX being the beginning of its
// SHA-256, and then gets its name, or one with a number behind it: nothing that is there is ever written over. What has come before
// a break is found by that name, and only the rest is asked for; whether it is right says the SHA-256 of all. It implements
// mesh.FileSink.
//
// The part file is as long as what has come without a gap, except while the program runs: close cuts off what is behind one.
type partFile struct {
	folder, name string
	sum          [sha256.Size]byte
	size         int64

	work sync.Mutex // held while the disk is at work on it, which may take for ever; taken before mu
	mu   sync.Mutex // never held meanwhile
	file diskFile   // nil: not open, or closed
	over bool       // nothing more is to be written
	have int64      // all before it has come
	// ahead is what has come behind a gap; none touches another, so there are no more than gaps.
	ahead []span
	path  string // of the whole file; "": it is not yet
}

// diskFile is what is needed of an *os.File.
type diskFile interface {
	io.ReaderAt
	io.WriterAt
	io.Closer
	Truncate(size int64) error
	Sync() error
}

// span is a part of a file, in bytes: from ≤ x < to.
type span struct{ from, to int64 }

// errBeingWritten says that another transfer writes the same file.
var errBeingWritten = errors.New("the file is being received already")

// openPart opens the part file of a transfer in a folder, which is made if need be. What is there of it counts as come.
func openPart(folder string, t mesh.Transfer) (*partFile, error) {
	p := &partFile{folder: folder, name: t.Name, sum: t.SHA256, size: t.Size}
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return nil, err
	}
	if !openParts.claim(p) {
		return nil, errBeingWritten
	}
	if err := p.open(); err != nil {
		openParts.release(p)
		return nil, err
	}
	return p, nil
}

// open opens it, if there is room for the rest of it.
func (p *partFile) open() error {
	info, err := os.Lstat(p.part())
	switch {
	case err == nil && !info.Mode().IsRegular():
		return fmt.Errorf("%s is no file", p.part())
	case err == nil && info.Size() <= p.size:
		p.mu.Lock()
		p.have = info.Size()
		p.mu.Unlock()
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return err
	}
	if err := openParts.reserve(p); err != nil {
		return err
	}
	file, err := os.OpenFile(p.part(), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.file = file
	return nil
}

// part is the path of the part file.
func (p *partFile) part() string {
	return filepath.Join(p.folder, p.name+"."+hex.EncodeToString(p.sum[:4])+".part")
}

// WriteAt implements mesh.FileSink.
func (p *partFile) WriteAt(b []byte, at int64) (int, error) {
	p.work.Lock()
	defer p.work.Unlock()
	file := p.opened()
	if file == nil {
		return 0, fs.ErrClosed
	}
	n, err := file.WriteAt(b, at)
	if err == nil {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.came(span{at, at + int64(n)})
	}
	return n, err
}

// opened is the file; nil if nothing is to be written any more.
func (p *partFile) opened() diskFile {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.over {
		return nil
	}
	return p.file
}

// missing is what has not come yet, in bytes.
func (p *partFile) missing() int64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	rest := p.size - p.have
	for _, a := range p.ahead {
		rest -= a.to - a.from
	}
	return rest
}

// came notes what has come. p.mu is held.
func (p *partFile) came(r span) {
	apart := p.ahead[:0]
	for _, a := range p.ahead {
		if a.to < r.from || r.to < a.from {
			apart = append(apart, a)
		} else {
			r = span{min(a.from, r.from), max(a.to, r.to)}
		}
	}
	if r.from > p.have {
		apart = append(apart, r)
	} else {
		p.have = max(p.have, r.to)
	}
	p.ahead = apart
}

// Have implements mesh.FileSink.
func (p *partFile) Have() []mesh.FileRange {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.have == 0 {
		return nil
	}
	return []mesh.FileRange{{From: 0, To: uint64(p.have)}}
}

// Sum implements mesh.FileSink. The file gets its name if the sum is right; if it is not, it is thrown away. A large file is read for
// minutes, and nobody waits for that: who closes it ends the reading.
func (p *partFile) Sum(ctx context.Context) (sum [sha256.Size]byte, err error) {
	if p.whole() != "" {
		return p.sum, nil
	}
	file := p.opened()
	if file == nil {
		return sum, fs.ErrClosed
	}
	h := sha256.New()
	if _, err := io.Copy(h, &untilDone{ctx, io.NewSectionReader(file, 0, p.size)}); err != nil {
		return sum, err
	}
	h.Sum(sum[:0])
	if sum == p.sum {
		err = file.Sync()
	}
	p.work.Lock()
	defer p.work.Unlock()
	if p.opened() == nil {
		return sum, fs.ErrClosed
	}
	if sum != p.sum {
		return sum, errors.Join(p.release(), os.Remove(p.part()))
	}
	if err = errors.Join(err, p.release()); err != nil {
		return sum, err
	}
	path, err := giveName(p.part(), p.folder, p.name)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.path = path
	return sum, err
}

// untilDone reads until a context has ended.
type untilDone struct {
	ctx context.Context
	io.Reader
}

func (r *untilDone) Read(b []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.Reader.Read(b)
}

// giveName moves a file to a name that is free: the name, or else with a number before its ending.
func giveName(from, folder, name string) (string, error) {
	ending := filepath.Ext(name)
	for n := 1; n <= maxSameName; n++ {
		path := filepath.Join(folder, name)
		if n > 1 {
			path = filepath.Join(folder, fmt.Sprintf("%s (%d)%s", strings.TrimSuffix(name, ending), n, ending))
		}
		// What makes sure that the name is nobody else's is this: the move then replaces our own empty file.
		place, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
		if errors.Is(err, fs.ErrExist) {
			continue
		}
		if err != nil {
			return "", err
		}
		if err := errors.Join(place.Close(), os.Rename(from, path)); err != nil {
			return "", errors.Join(err, os.Remove(path))
		}
		return path, nil
	}
	return "", fmt.Errorf("there are too many files called %s", name)
}

// release lets go of the part file. p.work is held.
func (p *partFile) release() error {
	p.mu.Lock()
	file := p.file
	p.file = nil
	p.mu.Unlock()
	if file == nil {
		return nil
	}
	defer openParts.release(p)
	return file.Close()
}

// close keeps what has come for the next time.
func (p *partFile) close() error {
	return p.end(func(file diskFile) error {
		p.mu.Lock()
		have := p.have
		p.mu.Unlock()
		err := file.Truncate(have)
		err = errors.Join(err, p.release())
		if have == 0 {
			err = errors.Join(err, os.Remove(p.part()))
		}
		return err
	})
}

// throwAway ends it for good: the user does not want the file.
func (p *partFile) throwAway() error {
	return p.end(func(diskFile) error { return errors.Join(p.release(), os.Remove(p.part())) })
}

// end has nothing written any more from now on, and does the rest once the disk has done what it does: not before, or what is written
// late would lie behind a gap. A disk that does not answer is not waited for longer than diskPatience; the part file is then another
// transfer's as soon as it has answered.
func (p *partFile) end(do func(diskFile) error) error {
	p.mu.Lock()
	p.over = true
	p.mu.Unlock()
	return patiently(diskPatience, func() error {
		p.work.Lock()
		defer p.work.Unlock()
		p.mu.Lock()
		file := p.file
		p.mu.Unlock()
		if file == nil {
			return nil
		}
		return do(file)
	})
}

// whole is the path of the whole file, "" while it is not.
func (p *partFile) whole() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.path
}
