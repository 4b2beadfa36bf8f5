package v1

// Version is the number of this protocol in Directory.
const Version = 1

// Directory answers GET /v1: what this directory is.
type Directory struct {
	// API is Version: by this field clients know that they speak to a directory.
	API int `json:"api"`
	// Name of the directory, for people: usually its host.
	Name string `json:"name"`
	// Software and its version.
	Software string `json:"software"`
	// Time by the directory's clock, ms since 1970, by which clients whose clock is wrong sign.
	Time int64 `json:"time"`
	// RefreshSeconds and ExpiresSeconds: see Registered.
	RefreshSeconds int `json:"refresh_seconds"`
	ExpiresSeconds int `json:"expires_seconds"`
	// Rendezvous are the addresses (rtmfp://host[:port]) of the introduction service that belongs to this directory.
	Rendezvous []string `json:"rendezvous"`
	// Instances are those that run now and share this directory, this one among them; any of them serves.
	Instances []Instance `json:"instances"`
	// Relay: whether POST /v1/relay gives credentials.
	Relay bool `json:"relay"`
	// Limits of requests.
	Limits Limits `json:"limits"`
}

// Instance is a process that serves the directory.
type Instance struct {
	ID string `json:"id"`
	// RTMFP are the addresses of its introduction service (rtmfp://host[:port]).
	RTMFP []string `json:"rtmfp"`
	// HTTP is the URL under which it has /v1; empty: not to be reached by itself.
	HTTP string `json:"http,omitempty"`
	// Draining: it is about to stop, and takes nobody new.
	Draining bool `json:"draining"`
}

// Limits are what a client need not try to exceed.
type Limits struct {
	NameBytes       int `json:"name_bytes"`       // of a name, in UTF-8
	NamesPerLookUp  int `json:"names_per_lookup"` // of GET /v1/names
	NamesPerWatch   int `json:"names_per_watch"`  // of one stream
	NamesPerKey     int `json:"names_per_key"`    // that one identity key may own
	ClockToleranceS int `json:"clock_tolerance_seconds"`
}
