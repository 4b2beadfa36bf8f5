// Package wav reads and writes RIFF WAVE files, as sound sources and sinks of the phone.
//
// Reading gives 48 kHz mono whatever the file's usual rate is; stereo is averaged. Writing makes 48 kHz mono PCM16 files.
//
//	pcm, err := wav.ReadFile("speech.wav")
//
//	w, err := wav.Create("out.wav")
//	err = w.Write(pcm)
//	err = w.Close() // completes the header
package wav
