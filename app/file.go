package app

import (
	"fmt"
	"path/filepath"
	"strconv"
)

// File is a file that somebody in a call gives to others.
type File struct {
	ID      string
	Name    string
	Size    int64 // bytes
	Mine    bool
	From    string // whose it is; a name
	Private bool   // it is for one alone
	Parts   []FilePart
	Path    string // where it was saved; of somebody else's that is whole
}

// FilePart is how far one of those is who are given a file: of our own there is one for each of them, of somebody else's one, ours.
type FilePart struct {
	Who    string // a name
	Done   int64  // bytes
	State  FileState
	Reason string // why it failed; a sentence
	Ours   bool   // it failed because we wanted no more of it
}

// FileState is how it is with a FilePart.
type FileState int

// The states of a file.
const (
	FileOffered FileState = iota // and not taken yet
	FileGoing
	FileWaiting // for the connection; it goes on by itself where it was
	FileDone
	FileFailed
)

// fileView is what a file's card shows.
type fileView struct {
	name  string
	line  string
	tone  tone
	share float32 // of the whole that has come; negative: nothing moves
	offer bool    // it can be saved or declined
	stop  string  // what the button that ends it says; empty: there is none
	open  bool    // the folder with it can be opened
}

func fileViewOf(f File) fileView {
	v := fileView{name: f.Name, share: -1}
	if f.Mine {
		return v.own(f)
	}
	if len(f.Parts) == 0 {
		return v
	}
	switch p := f.Parts[0]; p.State {
	case FileOffered:
		v.line, v.offer = f.From+" sends you this file · "+byteSize(f.Size), true
		if !f.Private {
			v.line = f.From + " sends everybody this file · " + byteSize(f.Size)
		}
	case FileGoing:
		v.line, v.share, v.stop = soFar(p.Done, f.Size), shareOf(p.Done, f.Size), "Cancel"
	case FileWaiting:
		v.line, v.share, v.stop = soFar(p.Done, f.Size)+". Waiting for "+f.From+"; it goes on by itself.", shareOf(p.Done, f.Size), "Cancel"
		v.tone = toneWaiting
	case FileDone:
		v.line, v.open = "Saved in "+folderName(filepath.Dir(f.Path))+" · "+byteSize(f.Size), true
		v.tone = toneGood
		if base := filepath.Base(f.Path); f.Path != "" && base != f.Name {
			v.name = base // another file had its name
		}
	case FileFailed:
		v.line, v.tone = orElse(p.Reason, "It did not come whole."), p.failedTone()
	}
	return v
}

// endingMost is how long an ending may be that is kept, in letters, and endingBefore what is kept before it: a name that goes on
// behind the ellipsis.
const endingMost, endingBefore = 8, 6

// beforeEnding parts a file's name where it may be cut: what kind of file it is must be seen before it is taken.
func beforeEnding(name string) (begin, end string) {
	ending := []rune(filepath.Ext(name))
	runes := []rune(name)
	if len(ending) < 2 || len(ending) > endingMost || len(runes) < 2*(len(ending)+endingBefore) {
		return name, ""
	}
	cut := len(runes) - len(ending) - endingBefore
	return string(runes[:cut]), string(runes[cut:])
}

// folderName is how one calls a folder.
func folderName(dir string) string {
	if dir == homeFolder() {
		return "your home folder"
	}
	return filepath.Base(dir)
}

// own is the card of a file of ours.
func (v fileView) own(f File) fileView {
	var done int64
	count := map[FileState]int{}
	var failed []FilePart
	for _, p := range f.Parts {
		count[p.State]++
		if p.State == FileFailed {
			failed = append(failed, p)
		} else {
			done += p.Done
		}
	}
	n, takers := len(f.Parts), int64(len(f.Parts)-len(failed))
	moving := count[FileGoing] + count[FileWaiting]
	if moving > 0 {
		v.share = shareOf(done, takers*f.Size)
	}
	if moving+count[FileOffered] > 0 {
		v.stop = "Cancel"
	}
	switch {
	case n == 0:
		v.line = "Nobody is here to take it."
	case n == 1:
		v.line, v.tone = ownPartLine(f.Parts[0], f.Size)
	case count[FileOffered] == n:
		v.line = fmt.Sprintf("Offered to %s · %s", people(n), byteSize(f.Size))
	case count[FileDone] == n:
		v.line, v.tone = capital(everybodyOf(n))+" "+verb(n, "has", "have")+" it · "+byteSize(f.Size), toneGood
	default:
		v.line = "Nobody has it yet"
		if have := count[FileDone]; have > 0 {
			v.line = fmt.Sprintf("%s of %s %s it", capital(number(have)), number(n), verb(have, "has", "have"))
		}
		if moving > 0 {
			v.line += ", " + number(moving) + " " + verb(moving, "takes", "take") + " it now"
		}
		if count[FileOffered] > 0 {
			v.line += ", " + number(count[FileOffered]) + " " + verb(count[FileOffered], "has", "have") + " not answered"
		}
		v.line += " · " + byteSize(f.Size)
	}
	if n > 1 {
		for _, p := range failed {
			v.line += "\n" + p.Who + ": " + orElse(p.Reason, "It was not taken.")
		}
	}
	return v
}

func ownPartLine(p FilePart, size int64) (string, tone) {
	switch p.State {
	case FileGoing:
		return "Going to " + p.Who + ": " + soFar(p.Done, size), toneQuiet
	case FileWaiting:
		return "Waiting for " + p.Who + ": " + soFar(p.Done, size) + ". It goes on by itself.", toneWaiting
	case FileDone:
		return p.Who + " has it · " + byteSize(size), toneGood
	case FileFailed:
		return orElse(p.Reason, p.Who+" did not take it."), p.failedTone()
	}
	return "Offered to " + p.Who + ", who has not answered · " + byteSize(size), toneQuiet
}

// failedTone is how it is told that it failed: what we wanted ourselves is nothing bad.
func (p FilePart) failedTone() tone {
	if p.Ours {
		return toneQuiet
	}
	return toneBad
}

func everybodyOf(n int) string {
	if n == 2 {
		return "both"
	}
	return "all " + number(n)
}

func verb(n int, one, more string) string {
	if n == 1 {
		return one
	}
	return more
}

func shareOf(done, size int64) float32 {
	if size <= 0 {
		return 1
	}
	return float32(float64(min(done, size)) / float64(size))
}

// soFar is how much of a file has come.
func soFar(done, size int64) string {
	if byteUnit(done) == byteUnit(size) {
		return byteNumber(done) + " of " + byteSize(size)
	}
	return byteSize(done) + " of " + byteSize(size)
}

// byteSize is a size as people read it: 812 bytes, 31 kB, 2.4 MB.
func byteSize(n int64) string { return byteNumber(n) + " " + byteUnit(n) }

func byteUnit(n int64) string {
	switch {
	case n < 1000:
		return "bytes"
	case n < 999_500:
		return "kB"
	case n < 999_950_000:
		return "MB"
	}
	return "GB"
}

func byteNumber(n int64) string {
	switch byteUnit(n) {
	case "bytes":
		return strconv.FormatInt(n, 10)
	case "kB":
		return strconv.FormatInt((n+500)/1000, 10)
	case "MB":
		return strconv.FormatFloat(float64(n)/1e6, 'f', 1, 64)
	}
	return strconv.FormatFloat(float64(n)/1e9, 'f', 1, 64)
}
