package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// demoNames are those of the people in a demo: as many as a call holds if nobody says otherwise.
var demoNames = []string{"Alice", "Bob", "Cleo", "Dan", "Eve", "Fay", "Gus", "Hal", "Ida"}

// runDemo shows a call of so many apps on this machine, with test pictures and a service of its own. On a desktop it lasts until all
// windows are closed; where there is no display it brings one, and leaves a screenshot.
func runDemo(ctx context.Context, b *bench, people int) error {
	if people < 2 || people > len(demoNames) {
		return fmt.Errorf("a demo has 2 to %d people, not %d", len(demoNames), people)
	}
	service, err := b.startService(ctx)
	if err != nil {
		return err
	}
	defer service.stop()
	screen, own := shownScreen(), false
	if os.Getenv("DISPLAY") == "" && os.Getenv("WAYLAND_DISPLAY") == "" {
		size := demoPlace(people, people).max
		if screen, err = b.startDisplay(ctx, size[0], size[1]); err != nil {
			return err
		}
		defer screen.stop()
		own = true
	}
	var env []string
	if screen != nil {
		env = screen.env
	}
	var apps []*program
	callees := demoNames[1:people]
	for _, name := range callees {
		p, err := b.app(name, env, service, demoSources("--answer")...)
		if err != nil {
			return err
		}
		defer p.stop()
		apps = append(apps, p)
	}
	var call []string
	for _, name := range callees {
		call = append(call, "--call", name)
	}
	caller, err := b.app(demoNames[0], env, service, demoSources(call...)...)
	if err != nil {
		return err
	}
	defer caller.stop()
	apps = append([]*program{caller}, apps...)
	if own {
		return b.demoShot(ctx, screen, apps)
	}
	fmt.Printf("%s calls %s. Close all windows, or press Ctrl+C, to end.\n", demoNames[0], strings.Join(callees, ", "))
	if screen != nil && people > 2 {
		if err := tileCalls(ctx, screen, apps); err != nil {
			fmt.Println("The windows stay where they are:", err)
		}
	}
	for _, p := range apps {
		select {
		case <-p.done:
			if status := p.exit(); status != 0 {
				return fmt.Errorf("%s ended with %d: %s", p.name, status, p.tail())
			}
		case <-ctx.Done():
			return nil
		}
	}
	return nil
}

// shownScreen is the display of whoever runs this, if its windows can be moved about; nil: they cannot.
func shownScreen() *display {
	if _, err := exec.LookPath("xdotool"); err != nil || os.Getenv("DISPLAY") == "" {
		return nil
	}
	return &display{}
}

// The demo's own screen holds a main and a call window of each app.
const (
	demoMain, demoCall, demoTall = 380, 960, 640
	demoGap                      = 16
	demoPatience                 = 30 * time.Second
)

// demoWindows is where an app's windows stand on the demo's own screen, and how large that must be.
type demoWindows struct {
	main, call [2]int
	max        [2]int
}

// demoPlace is the place of one of so many apps: two stand above each other, more in columns.
func demoPlace(i, people int) demoWindows {
	columns := columnsOf(people)
	const wide, tall = 2*demoGap + demoMain + demoCall, demoGap + demoTall
	x, y := demoGap+i%columns*wide, demoGap+i/columns*tall
	rows := (people + columns - 1) / columns
	return demoWindows{
		main: [2]int{x, y}, call: [2]int{x + demoMain + demoGap, y},
		max: [2]int{demoGap + columns*wide, demoGap + rows*tall},
	}
}

// columnsOf is in how many columns so many windows are tiled.
func columnsOf(people int) int {
	switch {
	case people <= 2:
		return 1
	case people <= 6:
		return 2
	}
	return 3
}

// tileCalls puts the call windows beside each other on somebody's desktop, and makes them fit.
func tileCalls(ctx context.Context, screen *display, apps []*program) error {
	size, err := screen.xdotool(ctx, "getdisplaygeometry")
	if err != nil || len(size) != 2 {
		return fmt.Errorf("the size of the screen is not known: %w", err)
	}
	width, _ := strconv.Atoi(size[0])
	height, _ := strconv.Atoi(size[1])
	columns := columnsOf(len(apps))
	rows := (len(apps) + columns - 1) / columns
	wide, tall := width/columns, height/rows
	for i, p := range apps {
		id, err := screen.window(ctx, p, "Call with", demoPatience)
		if err != nil {
			return err
		}
		if _, err := screen.xdotool(ctx, "windowsize", id, fmt.Sprint(wide-demoGap), fmt.Sprint(tall-3*demoGap),
			"windowmove", id, fmt.Sprint(i%columns*wide), fmt.Sprint(i/columns*tall)); err != nil {
			return err
		}
	}
	return nil
}

// demoShot waits for the call and takes a picture of the screen.
func (b *bench) demoShot(ctx context.Context, screen *display, apps []*program) error {
	for i, p := range apps {
		at := demoPlace(i, len(apps))
		for title, corner := range map[string][2]int{"^Sundog$": at.main, "Call with": at.call} {
			id, err := screen.window(ctx, p, title, demoPatience)
			if err != nil {
				return err
			}
			if err := screen.place(ctx, id, corner[0], corner[1]); err != nil {
				return err
			}
		}
	}
	settle := time.Duration(2+len(apps)) * time.Second // all have come in, the pictures have come up, the meters run
	select {
	case <-time.After(settle):
	case <-ctx.Done():
		return ctx.Err()
	}
	// The call bar comes up where the pointer has moved.
	first := demoPlace(0, len(apps)).call
	x, y := first[0]+demoCall/2, first[1]+200
	for range 2 {
		x += 40
		if _, err := screen.xdotool(ctx, "mousemove", fmt.Sprint(x), fmt.Sprint(y), "sleep", "0.3"); err != nil {
			return err
		}
	}
	file := filepath.Join(b.keep, "demo.png")
	if err := screen.saveShot(ctx, "root", file); err != nil {
		return err
	}
	for _, p := range apps {
		p.stop()
		if status := p.exit(); status != 0 {
			return fmt.Errorf("%s ended with %d when told to: %s", p.name, status, p.tail())
		}
		if strings.Contains(p.logText(), "Error in Fyne call thread") {
			return fmt.Errorf("%s touched a window outside the main thread: %s", p.name, p.tail())
		}
	}
	fmt.Println("The call was in the windows. Screenshot:", file)
	return nil
}
