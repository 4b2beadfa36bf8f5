package uplink

// Receiver is one other member, as the division of the uplink sees it.
type Receiver struct {
	ID string // the same for the same member, whatever its place among the receivers
	// Path is what the path to it carries, in bit/s of UDP payload: what its session's congestion control grants. 0: not known
	// yet.
	Path float64
	// Queue says that there is a queue on that path alone: no more is tried of it.
	Queue bool
	// Tile is the height, in pixels, at which it shows our picture; 0: it does not.
	Tile int
	// Focus says that it shows us before others: it has pinned us, or shows us as the active speaker.
	Focus bool
	// Repeats says that it drops repeated sound by timestamp, and so may get it; Loss is the share of packets lost on the way to
	// it, which makes that worth its bits.
	Repeats bool
	Loss    float64
	// Files says that it waits for pieces of a file.
	Files bool
}

// Incoming is a stream of pictures that comes to us or would come if we received it: its acknowledgements take of the uplink.
type Incoming struct {
	Bitrate, FPS float64 // bit/s, pictures a second
}

// Request is what is to be divided, and among whom.
type Request struct {
	// Uplink is what may be sent to all together at this moment, in bit/s on the link, and Carries what sizes, layers and the
	// mode are decided by: an Estimate's Rate and Carries. Carries 0: Uplink.
	Uplink    float64
	Carries   float64
	Receivers []Receiver
	Incoming  []Incoming
	// Camera is the height of our own pictures, in pixels; 0: there are none. FPS is their rate; 0: 30.
	Camera int
	FPS    float64
	// Screen says that our picture is a screen, with text: the media make fewer pictures rather than coarser ones, so that a size is worth
	// sending at less (screenLeast); all pictures are in the lowest layer.
	Screen bool
	// SmallHeight says that the smaller one of two sizes has at most that height, in pixels; 0: it may have any.
	SmallHeight int
	// Speaking says that we are the active speaker.
	Speaking bool
	// Probe says that it is time to find out whether more is possible: an Estimate's Growing.
	Probe bool
	// Afresh is an Estimate's: if the uplink carries more, that is what is decided by at once.
	Afresh bool
	// Headers is what IP and UDP add to each packet, in bytes; 0: HeadersIPv4.
	Headers int

	probes []bool    // of which paths more is to be tried; nil: none
	paths  []float64 // what sizes and layers are decided by, for each receiver; nil: their Path
}

func (r *Request) withDefaults() {
	if r.FPS <= 0 {
		r.FPS = 30
	}
	if r.Headers <= 0 {
		r.Headers = HeadersIPv4
	}
	if r.Carries <= 0 {
		r.Carries = r.Uplink
	}
}

// path is what the path to a receiver leaves for its picture, in bit/s of UDP payload; decide says that it is to be the steady
// one.
func (r *Request) path(i int, s Sound, decide bool) float64 {
	p := r.Receivers[i].Path
	if decide && r.paths != nil {
		p = r.paths[i]
	}
	if p <= 0 {
		p = pathAtFirst
	}
	p = p*pathShare - s.Cost(0)
	if r.repeats(i) {
		p -= s.RepeatCost()
	}
	return p
}

// repeats reports whether a receiver is to get sound twice: where packets are lost though there is no queue. What a queue loses
// would be more.
func (r *Request) repeats(i int) bool {
	v := r.Receivers[i]
	return v.Repeats && v.Loss >= repeatFrom && !v.Queue
}

// wish is the largest size that it makes sense to send a receiver, as an index of Sizes; −1: none.
func (r *Request) wish(i int) int {
	if r.Receivers[i].Tile <= 0 || r.Camera <= 0 {
		return -1
	}
	wish := 0
	for k, s := range Sizes {
		if s.Height > r.Camera {
			break
		}
		wish = k
		if s.Height >= r.Receivers[i].Tile*tileTolerance/100 {
			break
		}
	}
	return wish
}

// Mode is how much of a call the uplink carries.
type Mode uint8

// The modes, from the worst.
const (
	// TooLittle: not even sound fits, although it goes in long packets.
	TooLittle Mode = iota
	// SoundOnly: sound to all and from all, and no picture either way.
	SoundOnly
	// ActiveSpeaker: sound to all; our picture only while we speak, and only the active speaker's is received, since what comes
	// must be acknowledged over the uplink.
	ActiveSpeaker
	// Everyone: sound and picture to everybody who shows it, and from everybody.
	Everyone
)

// Share is what one receiver gets.
type Share struct {
	Repeat bool // its sound is sent twice
	Layers int  // temporal layers of the picture, 1..Layers; 0: no picture
	Large  bool // of the large size, not of the small one
	// PathLimited says that its path, not the uplink, keeps it from more.
	PathLimited bool
	Cost        float64 // of all of it, in bit/s on the link
	// Filler is what may be sent beyond that so that the uplink or the path proves to carry more, in bit/s on the link: repeated
	// sound, or bytes of no use at all, with less priority than anything else.
	Filler float64
	// Files is what may be sent beyond Cost of files, in bit/s on the link, with less priority than sound and pictures.
	Files float64
}

// Encoding is what an encoder is to make.
type Encoding struct {
	Size    Size
	Bitrate int // bit/s, with all layers
	Layers  int // the most that any receiver gets
}

// Wanted reports whether somebody gets it.
func (e Encoding) Wanted() bool { return e.Layers > 0 }

// Division is who gets what of the uplink.
type Division struct {
	Mode  Mode
	Sound Sound
	// Small and Large are what the encoders make. If all get the same it is Large; an encoding that nobody gets has no layers.
	Small, Large Encoding
	Shares       []Share // in the order of Request.Receivers
	// Cost is what it takes of the uplink, feedback for what comes in included, in bit/s.
	Cost float64
	// Wants says that somebody would get more if the uplink, not a path alone, were known to carry more; Lacks that it would be
	// more than a higher bitrate of the same picture.
	Wants, Lacks bool
}
