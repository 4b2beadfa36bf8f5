package app

import "testing"

func TestAFilesCardSaysHowItIsWithIt(t *testing.T) {
	const size = 2_400_000
	mine := func(parts ...FilePart) File { return File{Name: "plan.pdf", Size: size, Mine: true, Parts: parts} }
	bens := func(p FilePart) File { return File{Name: "plan.pdf", Size: size, From: "Ben", Parts: []FilePart{p}} }
	for want, f := range map[string]File{
		"Ben sends everybody this file · 2.4 MB":                             bens(FilePart{}),
		"Ben sends you this file · 2.4 MB":                                   {Size: size, From: "Ben", Private: true, Parts: []FilePart{{}}},
		"1.2 of 2.4 MB":                                                      bens(FilePart{State: FileGoing, Done: size / 2}),
		"24 kB of 2.4 MB":                                                    bens(FilePart{State: FileGoing, Done: size / 100}),
		"1.2 of 2.4 MB. Waiting for Ben; it goes on by itself.":              bens(FilePart{State: FileWaiting, Done: size / 2}),
		"Saved in Downloads · 2.4 MB":                                        {Size: size, From: "Ben", Path: "/home/anna/Downloads/plan.pdf", Parts: []FilePart{{State: FileDone}}},
		"It did not come whole.":                                             bens(FilePart{State: FileFailed}),
		"Ben has stopped sending it.":                                        bens(FilePart{State: FileFailed, Reason: "Ben has stopped sending it."}),
		"Offered to Ben, who has not answered · 2.4 MB":                      mine(FilePart{Who: "Ben"}),
		"Going to Ben: 1.2 of 2.4 MB":                                        mine(FilePart{Who: "Ben", State: FileGoing, Done: size / 2}),
		"Waiting for Ben: 1.2 of 2.4 MB. It goes on by itself.":              mine(FilePart{Who: "Ben", State: FileWaiting, Done: size / 2}),
		"Ben has it · 2.4 MB":                                                mine(FilePart{Who: "Ben", State: FileDone}),
		"Ben did not take it.":                                               mine(FilePart{Who: "Ben", State: FileFailed}),
		"Nobody is here to take it.":                                         mine(),
		"Offered to two people · 2.4 MB":                                     mine(FilePart{Who: "Ben"}, FilePart{Who: "Dana"}),
		"Both have it · 2.4 MB":                                              mine(FilePart{State: FileDone}, FilePart{State: FileDone}),
		"One of two has it, one takes it now · 2.4 MB":                       mine(FilePart{State: FileDone}, FilePart{State: FileGoing}),
		"Nobody has it yet, one takes it now, one has not answered · 2.4 MB": mine(FilePart{State: FileGoing}, FilePart{}),
		"One of two has it · 2.4 MB\nDana: It was not taken.":                mine(FilePart{State: FileDone}, FilePart{Who: "Dana", State: FileFailed}),
	} {
		if got := fileViewOf(f).line; got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestAFilesCardOffersWhatCanBeDone(t *testing.T) {
	for _, c := range []struct {
		what        string
		f           File
		offer, open bool
		stop        string
		share       float32
	}{
		{"offered to us", File{Size: 10, Parts: []FilePart{{}}}, true, false, "", -1},
		{"coming", File{Size: 10, Parts: []FilePart{{State: FileGoing, Done: 5}}}, false, false, "Cancel", 0.5},
		{"here", File{Size: 10, Parts: []FilePart{{State: FileDone, Done: 10}}}, false, true, "", -1},
		{"failed", File{Size: 10, Parts: []FilePart{{State: FileFailed}}}, false, false, "", -1},
		{"ours, offered", File{Size: 10, Mine: true, Parts: []FilePart{{}, {}}}, false, false, "Cancel", -1},
		{"ours, half way with one of two", File{Size: 10, Mine: true, Parts: []FilePart{{State: FileGoing, Done: 5}, {}}}, false, false, "Cancel", 0.25},
		{"ours, declined by one of two", File{Size: 10, Mine: true, Parts: []FilePart{{State: FileGoing, Done: 5}, {State: FileFailed}}}, false, false, "Cancel", 0.5},
		{"ours, with all", File{Size: 10, Mine: true, Parts: []FilePart{{State: FileDone}, {State: FileDone}}}, false, false, "", -1},
		{"empty, coming", File{Parts: []FilePart{{State: FileGoing}}}, false, false, "Cancel", 1},
	} {
		v := fileViewOf(c.f)
		if v.offer != c.offer || v.open != c.open || v.stop != c.stop || v.share != c.share {
			t.Errorf("%s: %+v", c.what, v)
		}
	}
}

func TestSizesAreToldAsPeopleReadThem(t *testing.T) {
	for n, want := range map[int64]string{
		0: "0 bytes", 812: "812 bytes", 31_400: "31 kB", 999_600: "1.0 MB", 2_440_000: "2.4 MB", 3_200_000_000: "3.2 GB",
	} {
		if got := byteSize(n); got != want {
			t.Errorf("%d: %q, want %q", n, got, want)
		}
	}
}
