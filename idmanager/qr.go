package idmanager

import (
	"fmt"
	"image"
	"image/color"

	"rsc.io/qr"
)

const (
	// QuietZone is the light border, in modules, that a QR code must have (ISO/IEC 18004 §5.3.8).
	QuietZone = 4
	// easySize is a code (version 10) whose modules a phone camera still tells apart at arm's length when it is 4 cm wide. Up
	// to there more error correction is worth a larger code.
	easySize = 57
)

// QR is a code to be scanned: a square of dark and light modules, without the quiet zone around it.
type QR struct {
	// Size is the side, in modules.
	Size int
	code *qr.Code
}

// QR makes a code of the link's text, with as much error correction as makes it no harder to scan: dirt and reflections cost less than
// modules too small to see.
func (l Link) QR() (QR, error) {
	if err := l.Valid(); err != nil {
		return QR{}, err
	}
	text := l.String()
	best, err := qr.Encode(text, qr.L)
	if err != nil {
		return QR{}, fmt.Errorf("idmanager: the link as a QR code: %w", err)
	}
	for _, level := range []qr.Level{qr.M, qr.Q, qr.H} {
		if code, err := qr.Encode(text, level); err == nil && code.Size <= max(best.Size, easySize) {
			best = code
		}
	}
	return QR{Size: best.Size, code: best}, nil
}

// Dark reports whether a module is dark; those outside the code are light.
func (q QR) Dark(x, y int) bool { return q.code.Black(x, y) }

// Image draws the code with its quiet zone, scale pixels a module. Readers want dark modules on a light ground; many refuse the reverse, so
// a dark theme had better keep the two colours and put the code on a light card.
func (q QR) Image(scale int, dark, light color.Color) *image.Paletted {
	scale = max(scale, 1)
	side := (q.Size + 2*QuietZone) * scale
	img := image.NewPaletted(image.Rect(0, 0, side, side), color.Palette{light, dark})
	for y := range side {
		for x := range side {
			if q.Dark(x/scale-QuietZone, y/scale-QuietZone) {
				img.SetColorIndex(x, y, 1)
			}
		}
	}
	return img
}
