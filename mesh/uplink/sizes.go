package uplink

// Size is a size of picture with the bitrates that it is worth sending at.
type Size struct {
	Width, Height int
	// Least is the bitrate below which the next smaller size looks better, Most that above which nobody sees a difference, in
	// bit/s with all layers.
	Least, Most float64
}

// Sizes are the sizes that a picture may be sent at, ascending. The bitrates are those that other phones use for VP8, the least
// ones somewhat higher: our encoder is a constrained baseline one.
var Sizes = []Size{
	{320, 180, 40e3, 200e3},
	{640, 360, 230e3, 680e3},
	{960, 540, 500e3, 1200e3},
	{1280, 720, 900e3, 2500e3},
}

// Layers is how many temporal layers a picture has: each one more doubles the pictures a second.
//
//	T0 ●───────●───────●   1/4 of the pictures, by themselves
//	T1 ────●───────●────   with these 1/2
//	T2 ──●───●───●───●──   with these all
const Layers = 3

// layerShare is what the first so many layers take of the bitrate, layerRate of the pictures a second, and layerWorth what they
// are worth to whoever looks: 15 pictures a second are fluent enough for a face, but a smaller picture with 30 is better
// than the next larger size with them.
var (
	layerShare = [Layers + 1]float64{0, 0.45, 0.7, 1}
	layerRate  = [Layers + 1]float64{0, 0.25, 0.5, 1}
	layerWorth = [Layers + 1]float64{0, 0.3, 0.65, 1}
)

// LayerShare is what the first so many layers take of a picture's bitrate, 0..1.
func LayerShare(layers int) float64 { return layerShare[min(max(layers, 0), Layers)] }

// LayerRate is the part of the pictures a second that the first so many layers have, 0..1.
func LayerRate(layers int) float64 { return layerRate[min(max(layers, 0), Layers)] }
