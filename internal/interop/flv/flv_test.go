package flv

import (
	"bytes"
	"errors"
	"io"
	"reflect"
	"testing"
)

// header is that of a file with sound and picture.
const header = "FLV\x01\x05\x00\x00\x00\x09\x00\x00\x00\x00"

func TestFilesAreReadAsTheyWereWritten(t *testing.T) {
	tags := []Tag{
		{Data, 0, []byte("\x02\x00\x0aonMetaData")},
		{Video, 0x01020304, bytes.Repeat([]byte{0x17}, 70_000)},
		{Audio, 0xffffffff, []byte{}},
	}
	var file bytes.Buffer
	w, err := NewWriter(&file)
	for _, tag := range tags {
		err = errors.Join(err, w.Write(tag))
	}
	if err != nil {
		t.Fatal(err)
	}
	got, err := readAll(file.Bytes())
	if !errors.Is(err, io.EOF) {
		t.Error(err)
	}
	if got[2].Payload == nil {
		got[2].Payload = []byte{}
	}
	if !reflect.DeepEqual(got, tags) {
		t.Errorf("%d tags, %v", len(got), got)
	}
}

func TestTheBytesOfAFile(t *testing.T) {
	var file bytes.Buffer
	w, err := NewWriter(&file)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Write(Tag{Audio, 0x01020304, []byte("ab")}); err != nil {
		t.Fatal(err)
	}
	want := header + "\x08\x00\x00\x02\x02\x03\x04\x01\x00\x00\x00ab\x00\x00\x00\x0d"
	if file.String() != want {
		t.Errorf("%q, want %q", file.String(), want)
	}
}

func TestATagTooLargeIsRefused(t *testing.T) {
	w, err := NewWriter(io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Write(Tag{Video, 0, make([]byte, 1<<24)}); err == nil {
		t.Error("written")
	}
}

func TestWhatIsNoFile(t *testing.T) {
	const tag = "\x08\x00\x00\x02\x00\x00\x00\x00\x00\x00\x00ab\x00\x00\x00\x0d"
	for _, c := range []struct {
		name, file string
		tags       int
		want       error
	}{
		{"nothing", "", 0, ErrMalformed},
		{"another kind of file", "RIFF....WAVE....", 0, ErrMalformed},
		{"a header that ends before it ends", "FLV\x01\x05\x00\x00\x00\x08\x00\x00\x00\x00", 0, ErrMalformed},
		{"no tag", header, 0, io.EOF},
		{"a longer header", "FLV\x01\x05\x00\x00\x00\x0bxy\x00\x00\x00\x00" + tag, 1, io.EOF},
		{"half a tag", header + tag + tag[:5], 1, ErrMalformed},
		{"half a payload", header + tag[:12], 0, ErrMalformed},
		{"no trailer", header + tag[:13], 0, ErrMalformed},
		{"an encrypted tag", header + "\x28" + tag[1:], 0, ErrMalformed},
		{"a tag that claims 16 MiB", header + "\x09\xff\xff\xff\x00\x00\x00\x00\x00\x00\x00", 0, ErrMalformed},
	} {
		t.Run(c.name, func(t *testing.T) {
			tags, err := readAll([]byte(c.file))
			if len(tags) != c.tags || !errors.Is(err, c.want) {
				t.Errorf("%d tags, %v; want %d, %v", len(tags), err, c.tags, c.want)
			}
		})
	}
}

// readAll reads a file's tags until there is an error.
func readAll(file []byte) ([]Tag, error) {
	r, err := NewReader(bytes.NewReader(file))
	if err != nil {
		return nil, err
	}
	var tags []Tag
	for {
		tag, err := r.Next()
		if err != nil {
			return tags, err
		}
		tags = append(tags, tag)
	}
}

// What is read can be written, and is then read again as the same.
func FuzzReader(f *testing.F) {
	f.Add([]byte(header))
	f.Add([]byte(header + "\x08\x00\x00\x02\x02\x03\x04\x01\x00\x00\x00ab\x00\x00\x00\x0d"))
	f.Add([]byte(header + "\x12\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x0b\x29"))
	f.Fuzz(func(t *testing.T, file []byte) {
		tags, err := readAll(file)
		if err == nil {
			t.Fatal("no end")
		}
		var again bytes.Buffer
		w, err := NewWriter(&again)
		for _, tag := range tags {
			err = errors.Join(err, w.Write(tag))
		}
		if err != nil {
			t.Fatal(err)
		}
		got, err := readAll(again.Bytes())
		if !errors.Is(err, io.EOF) || !reflect.DeepEqual(got, tags) {
			t.Errorf("%v, %v; want %v", got, err, tags)
		}
	})
}
