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
	}, nil)
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

func TestWhatWeHaveEndedOurselvesIsNoFailureOfOthers(t *testing.T) {
	for _, c := range []struct {
		reason   phone.FileReason
		outgoing bool
		want     app.FilePart
	}{
		{phone.FileCancelled, false, app.FilePart{State: app.FileFailed, Reason: "You stopped it.", Ours: true}},
		{phone.FileDeclined, false, app.FilePart{State: app.FileFailed, Reason: "You declined it.", Ours: true}},
		{phone.FileDeclined, true, app.FilePart{State: app.FileFailed, Reason: "as told"}},
		{phone.FileLost, false, app.FilePart{State: app.FileFailed, Reason: "as told"}},
	} {
		one := phone.Transfer{ID: "1", State: phone.FileFailed, Reason: c.reason, Outgoing: c.outgoing, Sentence: "as told"}
		if got := filesOf([]phone.Transfer{one}, map[string]bool{"1": true})[0].Parts[0]; got != c.want {
			t.Errorf("%s, outgoing %v: %+v", c.reason, c.outgoing, got)
		}
		if got := filesOf([]phone.Transfer{one}, nil)[0].Parts[0]; got.Ours {
			t.Errorf("%s, ended by others: %+v", c.reason, got)
		}
	}
}
