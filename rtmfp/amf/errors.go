package amf

type amfError string

func (e amfError) Error() string { return string(e) }

// Errors of this package (errors.Is).
const (
	ErrTruncated   = amfError("amf: input ends early")
	ErrMalformed   = amfError("amf: malformed value")
	ErrUnsupported = amfError("amf: unsupported type of value")
	ErrTooComplex  = amfError("amf: too deep, too many or too large values")
)
