package media

// AudioError is an error of sound that callers may act on; its text is a sentence for the user.
type AudioError string

// Error is the sentence.
func (e AudioError) Error() string { return string(e) }

// Errors of sound.
const (
	// ErrNoMicrophone: "default" was asked for, and there is no microphone or no sound system. The call can go on without.
	ErrNoMicrophone = AudioError("No microphone was found.")
	// ErrNoSpeaker: the same for loudspeakers.
	ErrNoSpeaker = AudioError("No loudspeaker was found.")
	// ErrUnknownDevice: no sound device has the id that was asked for.
	ErrUnknownDevice = AudioError("No sound device has this ID.")
	// ErrAudioSpec: a source's or speaker's spec cannot be understood.
	ErrAudioSpec = AudioError("This is no sound source or speaker.")
	// ErrAudioClosed: the source, sender or player was closed.
	ErrAudioClosed = AudioError("The sound is closed.")
	// ErrTooManyReceivers: one player plays no more people than it has places.
	ErrTooManyReceivers = AudioError("Too many people's sound at once.")
	// ErrNoAudioSource: a sender was made without a source.
	ErrNoAudioSource = AudioError("There is no sound source to send.")
)
