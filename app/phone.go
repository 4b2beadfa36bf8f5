package app

import (
	"context"
	"time"
)

// Phone is what the windows need of the phone behind them. cmd/sundog gives the real one.
// Methods return soon unless they take a context; all are safe for concurrent use. Errors are sentences for the user.
type Phone interface {
	// Settings are as last saved; SaveSettings stores and applies them (it reconnects where an address changed).
	Settings() Settings
	SaveSettings(Settings) error
	// Directories tells of each directory that is on whether others find us through it now, this network first.
	Directories() []Directory
	// Try signs in to one directory of s without keeping it, to tell whether address and password are right. It
	// takes at most 8 s.
	Try(ctx context.Context, k DirectoryKind, s Settings) error

	// People are all that the phone knows of: contacts, those on this network, those of the last calls, the blocked.
	People() []Person
	// Requests are those who are no contacts and have tried to call, the latest first.
	Requests() []Request
	// Answer settles a request.
	Answer(id string, a Answer) error
	// Find looks a name up in all directories. Nobody of that name is an error; several are different people. It
	// takes at most 8 s.
	Find(ctx context.Context, name string) ([]Person, error)
	// Add makes somebody from People, Find or ReadLink a contact.
	Add(Person) error
	// Remove takes somebody off the lists; Rename changes how the own lists call them; Block refuses their calls
	// from now on, or no longer.
	Remove(id string) error
	Rename(id, name string) error
	Block(id string, on bool) error
	// Trust takes another identity (in hex) in place of the one that was known for somebody; empty: the one that their name shows
	// now (Person.KeyChanged). They are not verified any more.
	Trust(id, identity string) error

	// Identity is our own. ExportIdentity writes its key, with the people whom we know, into a new file that a passphrase opens.
	// ImportIdentity takes such a file's key in place of ours, from the next start on. Both take about a second.
	Identity() Identity
	ExportIdentity(path, passphrase string) error
	ImportIdentity(path, passphrase string) (Imported, error)

	// Colour is that of the own avatar, as others see it (Person.Colour).
	Colour() uint32
	// OwnLink is what others need to call us, ReadLink what a link holds that somebody gave us, and LinkOf a link to
	// somebody else, to be passed on.
	OwnLink() (Link, error)
	ReadLink(text string) (Link, error)
	LinkOf(id string) (Link, error)

	// Call calls somebody from People, Find or ReadLink, with the camera off for a call by voice.
	Call(p Person, camera bool) (Call, error)
	// CallOnce calls somebody who shows another identity (in hex; empty: who can prove none) than the remembered one. Nothing
	// of the call is remembered.
	CallOnce(p Person, identity string, camera bool) (Call, error)
	// Confer opens a call of our own, into which others can be added. Join goes into one by a link (Link.Room).
	Confer() (Call, error)
	Join(Link) (Call, error)
	// TestCall calls the echo in this process.
	TestCall() (Call, error)
	// Incoming delivers calls that ring.
	Incoming() <-chan Call
	// Devices lists what can be chosen. It may take a second.
	Devices(ctx context.Context) (Devices, error)
	// Changed gets a value (capacity one, coalesced) when Directories, People or Requests have changed.
	Changed() <-chan struct{}
}

// Settings are what the user can choose. Device choices are source specs ("default", "none", "device:ID", "screen", "test" …).
type Settings struct {
	Name         string
	Callers      Callers
	OldPrograms  bool   // who cannot prove an identity may call, and be called
	Hidden       bool   // not on this network: neither seen there nor seeing
	Server       string // rtmfp://host:port[/key]; empty: no service
	Directory    string // http(s)://…; empty: the service's own
	XMPP         string // user@host; empty: none
	XMPPPassword string
	Camera       string
	Mic          string
	Speaker      string
	Theme        string // "system", "light" or "dark"
	Quiet        bool   // no tone is heard when somebody comes into a call or goes
	UplinkCap    int    // the most that calls send, in bit/s; 0: as much as the line carries
	DataSaver    bool   // calls send little, whatever the line carries
}

// Callers are those whose calls ring. Others are refused; those of them who are no contacts show up as Requests.
type Callers string

// The choices of Callers.
const (
	AnyCaller        Callers = "anyone"
	ContactsCall     Callers = "contacts"
	OnlyVerifiedCall Callers = "verified"
	NobodyCalls      Callers = "none"
)

// Identity is the own identity.
type Identity struct {
	Key  string // the public key, in hex
	Kept string // where the private key is kept, as the end of a sentence
}

// Imported is what has come of an import.
type Imported struct {
	Replaced bool   // there was another identity
	Backup   string // the file that it was saved in, opened by the same passphrase; empty: it was not
	People   int    // in the file
}

// DirectoryKind is a way for others to find us.
type DirectoryKind int

// The kinds of directories.
const (
	ThisNetwork DirectoryKind = iota
	Service
	XMPP
)

// Directory is a place where others find us, and how it is with it now.
type Directory struct {
	Kind     DirectoryKind
	State    DirectoryState
	Where    string // the service's host, the XMPP account; empty for this network
	Sentence string // what is wrong and what is being tried; for DirectoryFailed
}

// DirectoryState is the kind of a Directory's state.
type DirectoryState int

// The states of a directory.
const (
	DirectoryConnecting DirectoryState = iota
	DirectoryReachable
	DirectoryFailed // it is tried again by itself
)

// Person is somebody in the lists.
type Person struct {
	ID     string // the phone's own mark for them
	Name   string
	Where  string // the directory that lists them, as in Directory.Where; empty: this network, or none
	Colour uint32 // chooses the avatar's colour, by the identity key

	Contact    bool
	Nearby     bool // on this network now
	Online     bool
	LastSeen   time.Time // zero: not yet
	Verified   bool
	Since      time.Time // of Verified; zero: not known
	Identity   string    // the remembered one, in hex; empty: none
	Blocked    bool
	KeyChanged bool   // their name now shows another identity key than the known one; Call refuses until Trust
	OtherKey   string // that key, in hex

	LastCall time.Time // zero: never
	Outgoing bool      // of the last call
	Missed   bool      // of the last call
}

// Request is somebody who is no contact and has tried to call.
type Request struct {
	ID     string
	Name   string
	Where  string // as in Person
	Colour uint32
	Last   time.Time
	Count  int // of tries

	// Contact is whose name they give, though they show another identity (Identity, in hex; empty: none) than the one
	// remembered for that contact; empty: nobody's.
	Contact  string
	Identity string
}

// Answer is what can be done with a Request.
type Answer int

// The answers.
const (
	AcceptRequest Answer = iota // becomes a contact, whose calls ring
	IgnoreRequest               // is forgotten until the next try
	BlockRequest                // is refused from now on
)

// Link is a sundog: link.
type Link struct {
	Text   string
	Person Person // whom it leads to
	Own    bool   // to ourselves
	Nearby bool   // on the same network only: it names no service
	// Room: it leads into a call of several, by way of Person, until Until.
	Room  bool
	Until time.Time
	// QR is the code's square of modules, row by row, true for dark, without the quiet space around.
	QR [][]bool
}

// Device is a choice in a list: Spec is what Settings hold.
type Device struct{ Spec, Label string }

// Devices are the choices, the system default first.
type Devices struct{ Cameras, Mics, Speakers []Device }
