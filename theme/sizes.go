package theme

// Type sizes, in device-independent pixels.
const (
	TextLarge   float32 = 28
	TextHeading float32 = 20
	TextStrong  float32 = 16
	TextBody    float32 = 14
	TextSmall   float32 = 12
)

// Space is on a grid of 4.
const (
	SpaceTight   float32 = 4
	SpaceInside  float32 = 8
	SpaceBetween float32 = 16
	SpaceAround  float32 = 24
)

// Sizes of things.
const (
	Corner       float32 = 10 // corners of cards, fields, buttons and tiles
	RowHeight    float32 = 56 // a person in a list
	AvatarSize   float32 = 40 // in rows and the header
	AvatarLarge  float32 = 112
	TouchSize    float32 = 40 // the least for anything to press
	CallButton   float32 = 48 // of the call bar, round
	CallGap      float32 = 12 // between the call bar's buttons
	IconSize     float32 = 20
	IconLarge    float32 = 24
	HaloWidth    float32 = 3 // the ring around who speaks
	FocusWidth   float32 = 2 // the outline of what has the key focus
	BorderWidth  float32 = 1
	ContentWidth float32 = 560 // columns of text and fields are never wider
)
