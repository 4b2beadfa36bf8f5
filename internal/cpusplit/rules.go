package cpusplit

import "strings"

// The parts' names.
const (
	captureAndScale = "capture and scale"
	encodePicture   = "encode pictures"
	decodePicture   = "decode pictures"
	colourAndPaint  = "colour and paint"
	encodeSound     = "encode sound"
	decodeSound     = "decode, buffer and mix sound"
	cryptography    = "rtmfp: cryptography"
	network         = "rtmfp: the rest"
	systemCalls     = "system calls"
	meshAndProofs   = "mesh and signatures"
	directories     = "directories"
	memory          = "allocation and garbage collection"
	scheduling      = "scheduler and timers"
	theRest         = "other"
)

// rule says whose the functions are whose names begin so.
type rule struct{ prefix, part string }

const project = "sundog.dev/sundog/"

// innermost holds for frames of the runtime and the system below the program's own. Others of theirs, such as memmove or maps, work for who calls them.
var innermost = []rule{
	{"runtime.gcBgMarkWorker", memory},
	{"runtime.gcAssistAlloc", memory},
	{"runtime.gcStart", memory},
	{"runtime.gcDrain", memory},
	{"runtime.gcMark", memory},
	{"runtime.gcWriteBarrier", memory},
	{"runtime.wbBufFlush", memory},
	{"runtime.bgsweep", memory},
	{"runtime.bgscavenge", memory},
	{"runtime.mallocgc", memory},
	{"runtime.growslice", memory},
	{"runtime.(*mheap)", memory},
	{"runtime.(*mcache)", memory},
	{"runtime._GC", memory},
	{"runtime.schedule", scheduling},
	{"runtime.findRunnable", scheduling},
	{"runtime.park_m", scheduling},
	{"runtime.goready", scheduling},
	{"runtime.ready", scheduling},
	{"runtime.wakep", scheduling},
	{"runtime.gopark", scheduling},
	{"runtime.goschedImpl", scheduling},
	{"runtime.gopreempt_m", scheduling},
	{"runtime.sysmon", scheduling},
	{"runtime.mstart", scheduling},
	{"runtime.mcall", scheduling},
	{"runtime.futex", scheduling},
	{"runtime.exitsyscall", scheduling},
	{"runtime.entersyscall", scheduling},
	{"runtime.reentersyscall", scheduling},
	{"runtime.netpoll", scheduling},
	{"runtime.(*timer", scheduling},
	{"time.(*Timer)", scheduling},
	{"runtime.selectgo", scheduling},
	{"runtime.chansend", scheduling},
	{"runtime.chanrecv", scheduling},
	{"runtime.selectnb", scheduling},
	{"runtime._System", scheduling},
	{"syscall.Syscall", systemCalls},
	{"syscall.RawSyscall", systemCalls},
	{"syscall.syscall", systemCalls},
	{"golang.org/x/sys/unix.Syscall", systemCalls},
	{"golang.org/x/sys/unix.RawSyscall", systemCalls},
}

// own holds for the program's frames and its codecs'. The first that fits counts.
var own = []rule{
	{project + "media/h264._Cfunc_sundog_enc", encodePicture},
	{project + "media/h264._Cfunc_sundog_dec", decodePicture},
	{project + "media/h264.(*encoder)", encodePicture},
	{project + "media/h264.", decodePicture},
	{project + "media/opus._Cfunc", encodeSound},
	{project + "media/opus.(*Encoder)", encodeSound},
	{project + "media/opus.", decodeSound},
	{"github.com/pion/opus", decodeSound},
	{project + "media/camera", captureAndScale},
	{project + "media/y4m", captureAndScale},
	{project + "media/wav", encodeSound},
	{project + "media/device.(*Microphone)", encodeSound},
	{project + "media/device", decodeSound},
	{project + "media.(*patternSource)", captureAndScale},
	{project + "media.haloSprite", captureAndScale},
	{project + "media.over", captureAndScale},
	{project + "media.fill", captureAndScale},
	{project + "media.(*videoFile)", captureAndScale},
	{project + "media.(*scaler)", captureAndScale},
	{project + "media.halve", captureAndScale},
	{project + "media._Cfunc_sundog_halve", captureAndScale},
	{project + "media._Cfunc_sundog_reduce", captureAndScale},
	{project + "media.copyPicture", colourAndPaint},
	{project + "media.(*fileDisplay)", colourAndPaint},
	{project + "media.(*Screen)", colourAndPaint},
	{project + "media._Cfunc", colourAndPaint},
	{project + "media.(*sizeEncoder)", encodePicture},
	{project + "media.(*VideoSender)", encodePicture},
	{project + "media.(*rateMeter)", encodePicture},
	{project + "media.(*VideoReceiver)", decodePicture},
	{project + "media.(*videoQueue)", decodePicture},
	{project + "media.(*videoOrder)", decodePicture},
	{project + "media.(*videoMeter)", decodePicture},
	{project + "media.(*AudioSender)", encodeSound},
	{project + "media.(*voiceDetector)", encodeSound},
	{project + "media.(*pacedSource)", encodeSound},
	{project + "media.(*tone)", encodeSound},
	{project + "media.(*loop)", encodeSound},
	{project + "media.", decodeSound},
	{"golang.org/x/image", colourAndPaint},
	{"image/draw", colourAndPaint},
	{project + "rtmfp/flashcrypto", cryptography},
	{project + "rtmfp", network},
	{project + "mesh", meshAndProofs},
	{project + "idmanager", directories},
	{"crypto/tls", directories},
	{"net/http", directories},
}

// partOf is the part that a stack belongs to, whose innermost function comes first.
func partOf(stack []string) string {
	for _, f := range stack {
		if name, ok := match(innermost, f); ok {
			return name
		}
		if name, ok := match(own, f); ok {
			return name
		}
	}
	return theRest
}

func match(rules []rule, function string) (part string, ok bool) {
	for _, r := range rules {
		if strings.HasPrefix(function, r.prefix) {
			return r.part, true
		}
	}
	return "", false
}
