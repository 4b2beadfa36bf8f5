package amf

const (
	// maxDepth bounds nesting. Commands nest two or three levels; without a
	// bound a stranger's kilobyte would cost a deep stack.
	maxDepth = 32

	// maxValues bounds the values of one input, references counted with all that
	// they stand for: a value takes some 50 bytes of memory against one byte on the wire.
	maxValues = 1 << 14

	// maxWeight bounds the bytes that the decoded values take when written out
	// as AMF0. References let a few bytes stand for many; a service that passes
	// arguments on must not become an amplifier by them.
	maxWeight = 1 << 20

	// weightValue is the AMF0 size of a value without its text: marker and number or length.
	weightValue = 9

	// maxShort is the longest string with a 16-bit length (AMF0 §1.3.1).
	maxShort = 1<<16 - 1

	// maxDate is the largest time value of ECMAScript, ms on either side of 1970.
	maxDate = 8.64e15
)
