package cpusplit

import (
	"bytes"
	"math"
	"os"
	"path/filepath"
	"runtime/pprof"
	"strings"
	"testing"
	"time"
)

func TestTheInnermostFrameThatTellsDecides(t *testing.T) {
	for _, c := range []struct {
		part  string
		stack []string // innermost first
	}{
		{decodePicture, []string{"runtime.cgocall", project + "media/h264._Cfunc_sundog_dec_decode", project + "media/h264.(*decoder).Follow", project + "media.(*VideoReceiver).decode"}},
		{encodePicture, []string{"runtime.cgocall", project + "media/h264._Cfunc_sundog_enc_encode", project + "media.(*sizeEncoder).encode"}},
		{captureAndScale, []string{"runtime.cgocall", project + "media._Cfunc_sundog_halve", project + "media.halve", project + "media.(*VideoSender).encodeOne"}},
		{captureAndScale, []string{"runtime.memmove", project + "media.(*patternSource).draw"}},
		{memory, []string{"runtime.memclrNoHeapPointers", "runtime.mallocgcLarge", "runtime.mallocgc", "image.NewYCbCr", project + "media.(*patternSource).draw"}},
		{memory, []string{"runtime.scanobject", "runtime.gcDrain", "runtime.gcBgMarkWorker.func2", "runtime.systemstack"}},
		{cryptography, []string{"crypto/internal/fips140/sha256.blockSHANI", "crypto/hmac.(*HMAC).Write", project + "rtmfp/flashcrypto.(*cipher).Seal", project + "rtmfp.(*Endpoint).send"}},
		{meshAndProofs, []string{"crypto/internal/fips140/sha512.blockAMD64", "crypto/ed25519.Verify", project + "mesh/trust.Verify"}},
		{systemCalls, []string{"internal/runtime/syscall/linux.Syscall6", "syscall.RawSyscall6", "golang.org/x/sys/unix.Syscall6", project + "rtmfp.sendmmsg"}},
		{scheduling, []string{"internal/runtime/syscall/linux.EpollWait", "runtime.netpoll", "runtime.findRunnable", "runtime.schedule"}},
		{scheduling, []string{"runtime.futex", "runtime.futexwakeup", "runtime.wakep", "runtime.ready", project + "rtmfp.(*RecvFlow).deliver"}},
		{network, []string{"runtime.mapaccess1_fast64", project + "rtmfp.(*Session).receiveData", project + "rtmfp.(*Endpoint).read"}},
		{decodeSound, []string{"github.com/pion/opus/internal/celt.kissFFT", project + "media/opus.(*Decoder).Decode"}},
		{theRest, []string{"main.main"}},
		{theRest, nil},
	} {
		if got := partOf(c.stack); got != c.part {
			t.Errorf("%v is %q, wanted %q", c.stack, got, c.part)
		}
	}
}

func TestAPhonesProfileSplits(t *testing.T) {
	// Of 20 s of a call of two with test pictures.
	parts, err := Split([]string{"testdata/call.pprof"})
	if err != nil {
		t.Fatal(err)
	}
	used := map[string]float64{}
	for i, p := range parts {
		used[p.Name] = p.Seconds
		if i > 0 && p.Seconds > parts[i-1].Seconds {
			t.Errorf("%v is behind a cheaper part", p)
		}
	}
	total := Total(parts)
	for _, name := range []string{encodePicture, decodePicture, decodeSound, scheduling, memory, captureAndScale} {
		if used[name] < 0.02*total {
			t.Errorf("%s: %.2f of %.2f s", name, used[name], total)
		}
	}
	if used[theRest] > 0.05*total {
		t.Errorf("%.2f of %.2f s are nobody's", used[theRest], total)
	}
	twice, err := Split([]string{"testdata/call.pprof", "testdata/call.pprof"})
	if err != nil || math.Abs(Total(twice)-2*total) > 1e-6 {
		t.Errorf("two files have %.2f s, one %.2f: %v", Total(twice), total, err)
	}
	if got := Total(Scale(parts, 1.7)); math.Abs(got-1.7) > 1e-6 {
		t.Errorf("scaled to 1.7 s it is %v", got)
	}
	if table := Table(parts, 20*time.Second); strings.Count(table, "\n") != len(parts)+1 || !strings.Contains(table, "together") {
		t.Error(table)
	}
}

func TestWhatIsNoCPUProfileIsRefused(t *testing.T) {
	var heap bytes.Buffer
	if err := pprof.WriteHeapProfile(&heap); err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string][]byte{"heap": heap.Bytes(), "text": []byte("no profile"), "empty": nil} {
		file := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(file, content, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := Split([]string{file}); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := Split([]string{filepath.Join(t.TempDir(), "absent")}); err == nil {
		t.Error("a file that is not there was split")
	}
}
