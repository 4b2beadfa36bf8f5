package main

import (
	"reflect"
	"testing"

	"sundog.dev/sundog/app"
	"sundog.dev/sundog/internal/phone"
)

func TestAFileForSeveralIsOneFileWithAPartForEach(t *testing.T) {
	got := filesOf([]phone.Transfer{
		{ID: "1", Name: "plan.pdf", Size: 10, Peer: "Ben", Outgoing: true, ToAll: true, State: phone.FileDone, Done: 10},
		{ID: "2", Name: "song.opus", Size: 20, Peer: "Ben", State: phone.FileGoing, Done: 5, Path: "/tmp/song.opus"},
		{ID: "1", Name: "plan.pdf", Size: 10, Peer: "Dana", Outgoing: true, ToAll: true, State: phone.FileFailed, Sentence: "Dana did not take plan.pdf."},
		{ID: "3", Name: "note.txt", Size: 1, Peer: "Dana", Outgoing: true, State: phone.FileWaiting},
	})
	want := []app.File{
		{ID: "1", Name: "plan.pdf", Size: 10, Mine: true, Parts: []app.FilePart{
			{Who: "Ben", Done: 10, State: app.FileDone}, {Who: "Dana", State: app.FileFailed, Reason: "Dana did not take plan.pdf."},
		}},
		{ID: "2", Name: "song.opus", Size: 20, From: "Ben", Private: true, Path: "/tmp/song.opus", Parts: []app.FilePart{{Who: "Ben", Done: 5, State: app.FileGoing}}},
		{ID: "3", Name: "note.txt", Size: 1, Mine: true, Private: true, Parts: []app.FilePart{{Who: "Dana", State: app.FileWaiting}}},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%+v", got)
	}
}
