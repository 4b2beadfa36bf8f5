// Package deps holds the module list complete while packages are being written. It goes away.
package deps

import (
	_ "filippo.io/bigmod"
	_ "fyne.io/fyne/v2/app"
	_ "fyne.io/fyne/v2/test"
	_ "fyne.io/fyne/v2/widget"
	_ "github.com/gen2brain/malgo"
	_ "github.com/pion/mediadevices"
	_ "github.com/pion/mediadevices/pkg/codec/openh264"
	_ "github.com/pion/mediadevices/pkg/codec/opus"
	_ "github.com/pion/mediadevices/pkg/driver/camera"
	_ "github.com/pion/mediadevices/pkg/driver/screen"
	_ "github.com/pion/opus"
	_ "go.uber.org/goleak"
	_ "golang.org/x/image/draw"
)
