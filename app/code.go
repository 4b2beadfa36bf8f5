package app

import (
	"image"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/qrcode"
	"rsc.io/qr"
)

// codeOf is a text as a code to be scanned: its modules, row by row, without the quiet space around; nil for a text that is too long.
func codeOf(text string) [][]bool {
	code, err := qr.Encode(text, qr.M)
	if err != nil {
		return nil
	}
	modules := make([][]bool, code.Size)
	for y := range modules {
		modules[y] = make([]bool, code.Size)
		for x := range modules[y] {
			modules[y][x] = code.Black(x, y)
		}
	}
	return modules
}

// readCode is the text of the code that a picture shows. Whatever is held before the camera gets into somebody else's decoder
// here, which must not bring the call down.
func readCode(m *image.RGBA) (text string, found bool) {
	defer func() {
		if recover() != nil {
			text, found = "", false
		}
	}()
	bitmap, err := gozxing.NewBinaryBitmapFromImage(m)
	if err != nil {
		return "", false
	}
	hints := map[gozxing.DecodeHintType]any{gozxing.DecodeHintType_TRY_HARDER: true}
	result, err := qrcode.NewQRCodeReader().Decode(bitmap, hints)
	if err != nil {
		return "", false
	}
	return result.GetText(), true
}

// mirror turns a picture's left and right.
func mirror(m *image.RGBA) {
	w := m.Rect.Dx()
	for y := range m.Rect.Dy() {
		row := m.Pix[y*m.Stride : y*m.Stride+4*w]
		for l, r := 0, 4*(w-1); l < r; l, r = l+4, r-4 {
			var keep [4]byte
			copy(keep[:], row[l:])
			copy(row[l:l+4], row[r:r+4])
			copy(row[r:], keep[:])
		}
	}
}
