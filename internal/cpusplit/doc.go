// Package cpusplit says what parts of the program CPU profiles have caught at work: encoding, decoding, sound, network and so on. It knows the
// program's packages by name and imports none of them.
//
//	parts, err := cpusplit.Split([]string{"anna.pprof", "bert.pprof"})
//	…
//	fmt.Print(cpusplit.Table(parts, 60*time.Second))
//
// Each sample of a profile is a stack. Going from its innermost frame outwards, the first frame that tells where the time went decides: an allocation
// within the decoder is the memory's, a hash within rtmfp is its cryptography, a hash within mesh is a signature's.
package cpusplit
