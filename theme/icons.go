package theme

import (
	"bytes"
	"embed"
	"fmt"
	"image/color"
	"sync"

	"fyne.io/fyne/v2"
)

//go:embed icons/*.svg
var drawings embed.FS

// Icon is one of our own drawings, by its name in icons/.
type Icon string

// The icons, all drawn on 24×24.
const (
	Mic       Icon = "mic"
	MicOff    Icon = "mic-off"
	Camera    Icon = "camera"
	CameraOff Icon = "camera-off"
	Chat      Icon = "chat"
	Leave     Icon = "leave"
	Phone     Icon = "phone"
	Person    Icon = "person"
	Recent    Icon = "recent"
	Settings  Icon = "settings"
	Close     Icon = "close"
	Add       Icon = "add"
	Expand    Icon = "expand"
	Shrink    Icon = "shrink"
	CallIn    Icon = "call-in"
	CallOut   Icon = "call-out"
	Send      Icon = "send"
	Refresh   Icon = "refresh"
	Echo      Icon = "echo"
	More      Icon = "more"
	Verified  Icon = "verified"
	Link      Icon = "link"
	Copy      Icon = "copy"
	Save      Icon = "save"
	Warning   Icon = "warning"
	People    Icon = "people"
	Hand      Icon = "hand"
	Tiles     Icon = "tiles"
	Speaker   Icon = "speaker"
	Share     Icon = "share"
	File      Icon = "file"
	Attach    Icon = "attach"
	Volume    Icon = "volume"
	Smile     Icon = "smile"
)

// Icons are all of them.
func Icons() []Icon {
	return []Icon{
		Mic, MicOff, Camera, CameraOff, Chat, Leave, Phone, Person, Recent, Settings,
		Close, Add, Expand, Shrink, CallIn, CallOut, Send, Refresh, Echo,
		More, Verified, Link, Copy, Save, Warning,
		People, Hand, Tiles, Speaker, Share, File, Attach, Volume, Smile,
	}
}

var (
	tintedMu sync.Mutex
	tinted   = map[string]fyne.Resource{} // bounded: icons × the palettes' colours
)

// In is the icon in one colour. The same icon and colour give the same resource.
func (i Icon) In(c color.NRGBA) fyne.Resource {
	name := fmt.Sprintf("%s-%02x%02x%02x.svg", i, c.R, c.G, c.B)
	tintedMu.Lock()
	defer tintedMu.Unlock()
	if r, ok := tinted[name]; ok {
		return r
	}
	drawing, err := drawings.ReadFile("icons/" + string(i) + ".svg")
	if err != nil { // a name that is not in Icons
		return nil
	}
	hex := fmt.Sprintf("#%02x%02x%02x", c.R, c.G, c.B)
	r := fyne.NewStaticResource(name, bytes.ReplaceAll(drawing, []byte("#000000"), []byte(hex)))
	tinted[name] = r
	return r
}

//go:embed icon.png
var appIcon []byte

// AppIcon is the app's icon: a low winter sun with its halo and the two bright spots beside it.
func AppIcon() fyne.Resource { return fyne.NewStaticResource("icon.png", appIcon) }
