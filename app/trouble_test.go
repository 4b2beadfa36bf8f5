package app

import (
	"testing"
	"time"

	"fyne.io/fyne/v2/test"
)

// told is an error that is a sentence for the user.
type told string

func (e told) Error() string { return string(e) }

func TestTroubleAtTheStartIsShownAndTriedAgain(t *testing.T) {
	a := test.NewTempApp(t)
	posted := make(chan func())
	tries := 0
	var got Phone
	phone := &fakePhone{}
	w := newTrouble(a, told("The keyring is locked; unlock it."), func() (Phone, error) {
		if tries++; tries == 1 {
			return nil, told("It is still locked.")
		}
		return phone, nil
	}, func(f func()) { posted <- f }, func(p Phone) { got = p })
	if w.text.text != "The keyring is locked; unlock it." {
		t.Errorf("it says %q", w.text.text)
	}
	next := func() {
		t.Helper()
		test.Tap(w.retry)
		select {
		case f := <-posted:
			f()
		case <-time.After(10 * time.Second):
			t.Fatal("it is not tried again")
		}
	}
	next()
	if got != nil || w.text.text != "It is still locked." || w.retry.disabled {
		t.Errorf("after the second failure it says %q", w.text.text)
	}
	next()
	if got != Phone(phone) {
		t.Error("the phone is not used")
	}
}

func TestWhatIsTriedAgainIsAwaited(t *testing.T) {
	a := test.NewTempApp(t)
	release := make(chan struct{})
	w := newTrouble(a, told("The keyring is locked; unlock it."), func() (Phone, error) {
		<-release
		return nil, told("It is still locked.")
	}, func(func()) {}, nil)
	test.Tap(w.retry)
	over := make(chan struct{})
	go func() {
		w.trying.Wait()
		close(over)
	}()
	select {
	case <-over:
		t.Error("the end does not wait for a phone that may still come")
	case <-time.After(20 * time.Millisecond):
	}
	close(release)
	<-over
}
