package app

import (
	"context"
	"errors"
	"os"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	fyneapp "fyne.io/fyne/v2/app"

	"sundog.dev/sundog/theme"
)

// ID is the app's, the same as in FyneApp.toml.
const ID = "dev.sundog.sundog"

// Options are what Run needs besides the phone.
type Options struct {
	Version string // shown in the settings
	// Call are names to call once the directories answer: the first, and the others into the call with the first.
	Call []string
	// Links delivers sundog: links that the desktop opens with this app; nil: none.
	Links <-chan string
}

// Run opens the main window and serves it until it is closed or ctx is done. Calls that still stand then are hung
// up. It must be called on the main goroutine, once.
// ErrNoScreen where there is none.
func Run(ctx context.Context, phone Phone, o Options) error {
	return run(ctx, phone.Settings().Theme, o, func(_ fyne.App, open func(Phone)) { open(phone) })
}

// run serves the windows. first shows the first one, of which open makes those of a phone.
func run(ctx context.Context, look string, o Options, first func(a fyne.App, open func(Phone))) (err error) {
	defer func() {
		if r := recover(); r != nil {
			if err = screenError(r); err == nil {
				panic(r)
			}
		}
	}()
	makeCacheFolder()
	a := fyneapp.NewWithID(ID)
	a.SetIcon(theme.AppIcon())
	a.Settings().SetTheme(theme.New(look))
	var u *ui
	first(a, func(phone Phone) {
		u = newUI(ctx, a, phone, o)
		u.do = fyne.Do
		if u.shown != look {
			a.Settings().SetTheme(theme.New(u.shown))
		}
		u.open()
	})
	endWithoutHook(a)
	stop := context.AfterFunc(ctx, func() { fyne.Do(a.Quit) })
	defer stop()
	a.Run()
	if u != nil {
		u.close()
	}
	return nil
}

// endWithoutHook takes away the hook with which Fyne saves its preferences at the end: we have none, and Fyne queues
// it while it closes that queue, which now and then ends in a panic (“send on closed channel”) or in a wait for ever.
func endWithoutHook(a fyne.App) {
	if l, ok := a.Lifecycle().(interface{ SetOnStoppedHookExecuted(func()) }); ok {
		l.SetOnStoppedHookExecuted(nil)
	}
}

// ErrNoScreen says that no window can be opened.
var ErrNoScreen = errors.New("there is no screen to open a window on; sundog-headless is the phone without one")

// screenError is ErrNoScreen for what Fyne panics with when GLFW finds neither X11 nor Wayland, nil for any other panic.
func screenError(r any) error {
	if cause, ok := r.(error); ok && strings.Contains(cause.Error(), "GLFW library is not initialized") {
		return ErrNoScreen
	}
	return nil
}

// makeCacheFolder makes the user's cache folder: Fyne makes its own in there, but not the folder itself, which a
// fresh account lacks. Without it Fyne complains and goes on, and so do we.
func makeCacheFolder() {
	if dir, err := os.UserCacheDir(); err == nil {
		_ = os.MkdirAll(dir, 0o700)
	}
}

// Times of the windows.
const (
	// tickEvery is how often a call window looks for new pictures: 30 pictures a second, all tiles at once.
	tickEvery = time.Second / 30
	// minute is how often the lists are told anew, so that “14:02” becomes “yesterday”.
	minute = time.Minute
	// refreshPause is the least between two refreshes for what the phone tells: presence comes in bursts of hundreds.
	refreshPause = 150 * time.Millisecond
	// checkTimeout is the most that trying a directory, or looking a name up in all, may take.
	checkTimeout = 8 * time.Second
	// devicesTimeout is the most that listing the devices may take.
	devicesTimeout = 10 * time.Second
)
