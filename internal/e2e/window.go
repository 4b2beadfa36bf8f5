package main

import (
	"context"
	"fmt"
	"image"
	"image/color"
	"time"
)

// window is one window of an app. Points are from its upper left corner.
type window struct {
	u      *user
	id     string
	looked time.Time // when the last picture of it was begun: what is in it was there by then
}

// focus gives the window the keyboard.
func (w *window) focus(ctx context.Context) error {
	_, err := w.u.screen.xdotool(ctx, "windowfocus", "--sync", w.id)
	return err
}

// press presses keys, by xdotool's names for them.
func (w *window) press(ctx context.Context, keys ...string) error {
	if err := w.focus(ctx); err != nil {
		return err
	}
	_, err := w.u.screen.xdotool(ctx, append([]string{"key", "--delay", "60"}, keys...)...)
	return err
}

// write types text.
func (w *window) write(ctx context.Context, text string) error {
	if err := w.focus(ctx); err != nil {
		return err
	}
	_, err := w.u.screen.xdotool(ctx, "type", "--delay", "40", text)
	return err
}

// click clicks at a point.
func (w *window) click(ctx context.Context, at image.Point) error {
	_, err := w.u.screen.xdotool(ctx, "mousemove", "--window", w.id, fmt.Sprint(at.X), fmt.Sprint(at.Y), "sleep", "0.3", "click", "1")
	return err
}

// button finds the largest button of a colour.
func (w *window) button(ctx context.Context, c color.Color) (image.Rectangle, error) {
	const side = 20
	var box image.Rectangle
	err := until(ctx, 5*time.Second, "a button of that colour", func() (bool, error) {
		img, err := w.look(ctx)
		if err != nil {
			return false, err
		}
		var found bool
		box, found = shape(img, c, side)
		return found, nil
	})
	return box, err
}

// clickButton clicks on the largest button of a colour.
func (w *window) clickButton(ctx context.Context, c color.Color) error {
	box, err := w.button(ctx, c)
	if err != nil {
		return err
	}
	// Not in the middle, where an icon is.
	return w.click(ctx, image.Pt(box.Min.X+box.Dx()/4, box.Min.Y+box.Dy()/2))
}

// stir moves the pointer over the window, so that what hides itself comes back.
func (w *window) stir(ctx context.Context) error {
	for _, x := range []string{"200", "230"} {
		if _, err := w.u.screen.xdotool(ctx, "mousemove", "--window", w.id, x, "200", "sleep", "0.2"); err != nil {
			return err
		}
	}
	return nil
}

// look takes a picture of the window.
func (w *window) look(ctx context.Context) (image.Image, error) {
	w.looked = time.Now()
	return w.u.screen.shot(ctx, w.id)
}

// shown reports whether the window is still there.
func (w *window) shown(ctx context.Context) bool {
	ids, _ := w.u.screen.xdotool(ctx, "search", "--onlyvisible", "--name", "^Sundog")
	for _, id := range ids {
		if id == w.id {
			return true
		}
	}
	return false
}

// moves reports how much of an area of the window changes within half a second.
func (w *window) moves(ctx context.Context, area image.Rectangle) (float64, error) {
	before, err := w.look(ctx)
	if err != nil {
		return 0, err
	}
	time.Sleep(500 * time.Millisecond)
	after, err := w.look(ctx)
	if err != nil {
		return 0, err
	}
	return changed(before, after, area), nil
}

// changes waits until an area of the window looks different from before.
func (w *window) changes(ctx context.Context, before image.Image, area image.Rectangle, least float64, timeout time.Duration) error {
	return until(ctx, timeout, "something new in the window", func() (bool, error) {
		now, err := w.look(ctx)
		return err == nil && changed(before, now, area) >= least, err
	})
}

// has waits until so much of an area has a colour.
func (w *window) has(ctx context.Context, what string, area image.Rectangle, c color.Color, within int, least float64, timeout time.Duration) error {
	return until(ctx, timeout, what, func() (bool, error) {
		img, err := w.look(ctx)
		return err == nil && share(img, area, c, within) >= least, err
	})
}

// showsMotion waits until a picture moves in an area of the window.
func (w *window) showsMotion(ctx context.Context, area image.Rectangle) error {
	return until(ctx, windowWait, "a moving picture", func() (bool, error) {
		m, err := w.moves(ctx, area)
		return m >= moving, err
	})
}

// hangUp clicks on the red button.
func (w *window) hangUp(ctx context.Context, what string) error {
	if err := w.stir(ctx); err != nil {
		return err
	}
	if err := w.clickButton(ctx, danger); err != nil {
		return err
	}
	err := until(ctx, windowWait, "the call window is gone", func() (bool, error) { return !w.shown(ctx), nil })
	w.u.b.report.holds(what+": the red button hangs up", err == nil, fmt.Sprint(err))
	return err
}

// leave closes the window of a call that the other side has ended. It may go by itself.
func (w *window) leave(ctx context.Context) error {
	if !w.shown(ctx) {
		return nil
	}
	if err := pause(ctx, time.Second); err != nil {
		return err
	}
	_ = w.press(ctx, "Escape") // it may have gone by now
	return nil
}
