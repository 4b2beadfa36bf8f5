package phone

import "sundog.dev/sundog/mesh/uplink"

// UplinkMode is what of a call our uplink carries.
type UplinkMode string

// The modes, from the worst.
const (
	UplinkTooLittle UplinkMode = "too_little"     // not even sound to all
	UplinkSound     UplinkMode = "sound"          // and no picture
	UplinkSpeaker   UplinkMode = "active_speaker" // sound, and the picture of whoever speaks
	UplinkEveryone  UplinkMode = "everyone"       // sound and pictures
)

// UplinkMode is what our uplink carries now.
func (c *Call) UplinkMode() UplinkMode {
	return map[uplink.Mode]UplinkMode{
		uplink.TooLittle: UplinkTooLittle, uplink.SoundOnly: UplinkSound, uplink.ActiveSpeaker: UplinkSpeaker, uplink.Everyone: UplinkEveryone,
	}[c.call.Uplink().Mode]
}
