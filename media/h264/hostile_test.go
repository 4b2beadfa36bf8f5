package h264

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"testing"
)

// bitWriter writes RBSPs for tests.
type bitWriter struct {
	data []byte
	n    int
}

func (w *bitWriter) u(v uint32, n int) *bitWriter {
	for i := n - 1; i >= 0; i-- {
		if w.n%8 == 0 {
			w.data = append(w.data, 0)
		}
		w.data[w.n/8] |= byte(v>>i&1) << (7 - w.n%8)
		w.n++
	}
	return w
}

func (w *bitWriter) ue(values ...uint32) *bitWriter {
	for _, v := range values {
		bits := 0
		for (v+1)>>bits > 1 {
			bits++
		}
		w.u(0, bits).u(v+1, bits+1)
	}
	return w
}

// nal makes a NAL unit with start code, stop bit and emulation prevention.
func (w *bitWriter) nal(head byte) []byte {
	w.u(1, 1)
	out := []byte{0, 0, 0, 1, head}
	zeros := 0
	for _, b := range w.data {
		if zeros == 2 && b <= 3 {
			out, zeros = append(out, 3), 0
		}
		if out = append(out, b); b == 0 {
			zeros++
		} else {
			zeros = 0
		}
	}
	return out
}

// testSPS has the given profile and size in macroblocks, 4 bits of frame_num, and no cropping.
func testSPS(profile, w, h uint32) []byte {
	b := (&bitWriter{}).u(profile, 8).u(30, 16).ue(0, 0, 2, 1).u(0, 1).ue(w-1, h-1)
	return b.u(1, 1).u(1, 1).u(0, 1).u(0, 1).nal(0x67)
}

func testPPS(groups uint32) []byte {
	return (&bitWriter{}).ue(0, 0).u(0, 2).ue(groups, 0, 0).u(0, 3).ue(0, 0, 0).u(0, 3).nal(0x68)
}

func testSlice(head byte, firstMB, kind, pps, frameNum uint32) []byte {
	b := (&bitWriter{}).ue(firstMB, kind, pps).u(frameNum, 4)
	if head&31 == nalIDR {
		b.ue(0)
	}
	return b.u(0xABCDEF, 24).nal(head)
}

func join(parts ...[]byte) []byte { return bytes.Join(parts, nil) }

func TestOnlyPlainPicturesPass(t *testing.T) {
	sps, pps := testSPS(66, 40, 23), testPPS(0)
	idr := testSlice(0x65, 0, 7, 0, 0)
	for name, c := range map[string]struct {
		unit []byte
		pass bool
	}{
		"a key frame with its sets":         {join(sps, pps, idr), true},
		"with delimiter and SEI":            {join([]byte{0, 0, 1, 9, 0xF0}, sps, pps, []byte{0, 0, 1, 6, 5, 1, 1, 0x80}, idr), true},
		"of two slices":                     {join(sps, pps, idr, testSlice(0x65, 40, 7, 0, 0)), true},
		"nothing":                           {nil, false},
		"no start code":                     {[]byte("hello"), false},
		"bytes before the start code":       {join([]byte{7}, sps, pps, idr), false},
		"an empty NAL unit":                 {join(sps, []byte{0, 0, 1}, pps, idr), false},
		"only sets":                         {join(sps, pps), false},
		"no SPS":                            {join(pps, idr), false},
		"no PPS":                            {join(sps, idr), false},
		"Main profile":                      {join(testSPS(77, 40, 23), pps, idr), false},
		"High profile":                      {join(testSPS(100, 40, 23), pps, idr), false},
		"the largest picture":               {join(testSPS(66, 120, 68), pps, idr), true},
		"a picture too wide":                {join(testSPS(66, 121, 68), pps, idr), false},
		"a picture too high":                {join(testSPS(66, 120, 69), pps, idr), false},
		"a picture of 2³² macroblocks":      {join(testSPS(66, 1<<31, 1<<31), pps, idr), false},
		"slice groups":                      {join(sps, testPPS(1), idr), false},
		"a cut SPS":                         {join(sps[:8], pps, idr), false},
		"a cut slice":                       {join(sps, pps, idr[:6]), false},
		"an SPS that never ends":            {join(sps, bytes.Repeat([]byte{0xAA}, 600), pps, idr), false},
		"a slice with an unknown PPS":       {join(sps, pps, testSlice(0x65, 0, 7, 3, 0)), false},
		"a B slice":                         {join(sps, pps, testSlice(0x65, 0, 6, 0, 0)), false},
		"a predicted key frame":             {join(sps, pps, testSlice(0x65, 0, 5, 0, 0)), false},
		"a key frame nobody refers to":      {join(sps, pps, testSlice(0x05, 0, 7, 0, 0)), false},
		"a key frame with a number":         {join(sps, pps, testSlice(0x65, 0, 7, 0, 3)), false},
		"not the first slice":               {join(sps, pps, testSlice(0x65, 40, 7, 0, 0)), false},
		"a slice beyond the picture":        {join(sps, pps, idr, testSlice(0x65, 920, 7, 0, 0)), false},
		"two pictures":                      {join(sps, pps, idr, idr), false},
		"a key frame and another":           {join(sps, pps, idr, testSlice(0x41, 40, 5, 0, 1)), false},
		"sets behind the slice":             {join(sps, idr, pps), false},
		"sets without a key frame":          {join(sps, pps, testSlice(0x41, 0, 5, 0, 1)), false},
		"a data partition":                  {join(sps, pps, []byte{0, 0, 1, 0x42, 1, 2, 3}, idr), false},
		"a scalable layer":                  {join(sps, pps, []byte{0, 0, 1, 0x74, 1, 2, 3, 4}, idr), false},
		"the forbidden bit":                 {join(sps, pps, []byte{0, 0, 1, 0xE5, 1, 2, 3}), false},
		"more NAL units than a picture has": {join(sps, pps, bytes.Repeat([]byte{0, 0, 1, 9, 0xF0}, MaxNALs), idr), false},
		"more bytes than a picture has":     {join(sps, pps, idr, bytes.Repeat([]byte{0xAA}, MaxUnitBytes)), false},
	} {
		var in Inspector
		switch info, err := in.Inspect(c.unit); {
		case c.pass && err != nil:
			t.Errorf("%s: %v", name, err)
		case c.pass && !info.Key:
			t.Errorf("%s: not seen as a key frame", name)
		case !c.pass && !errors.Is(err, ErrRefused):
			t.Errorf("%s: passed (%v)", name, err)
		}
	}
}

func TestTheInspectorCountsPictures(t *testing.T) {
	var in Inspector
	for n, u := range clip(t, 320, 180, 20) {
		info, err := in.Inspect(u)
		if err != nil {
			t.Fatal(err)
		}
		if info.Key != (n == 0) || info.FrameNum != n%info.MaxFrameNum || !info.Reference || info.Width != 320 || info.Height != 180 {
			t.Errorf("picture %d: %+v", n, info)
		}
	}
}

func TestPicturesAfterALostKeyFrameAreRefused(t *testing.T) {
	e := openEncoder(t, 64, 48, 100_000)
	var in Inspector
	for round := range 70 { // more often than there are IDs
		key := encode(t, e, moving(64, 48, 0), true, 0)
		if _, err := in.Inspect(key.Data); err != nil {
			t.Fatalf("round %d: %v", round, err)
		}
		if _, err := in.Inspect(encode(t, e, moving(64, 48, 1), false, 1).Data); err != nil {
			t.Fatalf("round %d, next picture: %v", round, err)
		}
		encode(t, e, moving(64, 48, 2), true, 2) // lost
		if info, err := in.Inspect(encode(t, e, moving(64, 48, 3), false, 3).Data); !errors.Is(err, ErrRefused) {
			t.Errorf("round %d: a picture after a lost key frame passed: %+v", round, info)
		}
	}
}

func TestWithoutAKeyFrameNothingIsDecoded(t *testing.T) {
	d := openDecoder(t)
	units := clip(t, 64, 48, 4)
	for _, u := range units[1:] {
		if _, err := d.Decode(u); !errors.Is(err, ErrNeedKeyFrame) {
			t.Errorf("a picture before the key frame: %v", err)
		}
	}
	for n, u := range units {
		if _, err := d.Decode(u); err != nil {
			t.Errorf("picture %d after all: %v", n, err)
		}
	}
	if _, err := d.Decode([]byte("garbage")); !errors.Is(err, ErrNeedKeyFrame) || !errors.Is(err, ErrRefused) {
		t.Errorf("garbage: %v", err)
	}
	if _, err := d.Decode(units[3]); !errors.Is(err, ErrNeedKeyFrame) {
		t.Errorf("after garbage: %v", err)
	}
}

// mutate changes a stream as a hostile or broken sender would.
func mutate(r *rand.Rand, unit []byte) []byte {
	out := bytes.Clone(unit)
	for range 1 + r.IntN(8) {
		if len(out) == 0 {
			return out
		}
		i := r.IntN(len(out))
		switch r.IntN(6) {
		case 0:
			out[i] ^= 1 << r.IntN(8)
		case 1:
			out[i] = byte(r.Uint32())
		case 2:
			out = out[:i]
		case 3:
			out = append(out[:i:i], out[min(i+1+r.IntN(16), len(out)):]...)
		case 4:
			j := r.IntN(len(out))
			out = append(out[:i:i], out[j:]...)
		case 5:
			head := min(len(out), 60)
			out[r.IntN(head)] ^= 1 << r.IntN(8) // parameter sets and slice headers more often
		}
	}
	return out
}

func TestMutatedStreamsDoNotHurtTheDecoder(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	streams := [][][]byte{clip(t, 64, 48, 6), clip(t, 160, 96, 6), clip(t, 320, 180, 6)}
	d := openDecoder(t)
	passed := 0
	for range 4000 {
		s := streams[r.IntN(len(streams))]
		unit := s[r.IntN(len(s))]
		if r.IntN(4) > 0 {
			unit = mutate(r, unit)
		} else if r.IntN(2) == 0 {
			unit = s[0]
		}
		img, err := d.Decode(unit)
		switch {
		case err == nil:
			passed++
			if img.Rect.Dx() > MaxWidth || img.Rect.Dy() > MaxHeight {
				t.Fatalf("a picture of %v", img.Rect)
			}
		case !errors.Is(err, ErrNeedKeyFrame):
			t.Fatalf("an error that asks for no key frame: %v", err)
		}
	}
	if passed < 400 {
		t.Errorf("only %d units came through: the decoder was hardly tried", passed)
	}
	for n, u := range streams[1] {
		img, err := d.Decode(u)
		if err != nil {
			t.Fatalf("afterwards picture %d: %v", n, err)
		}
		if q := psnr(moving(160, 96, n), img); q < 25 {
			t.Errorf("afterwards picture %d: PSNR-Y %.1f dB", n, q)
		}
	}
}

func FuzzInspector(f *testing.F) {
	for _, u := range clip(f, 64, 48, 2) {
		f.Add(u)
	}
	f.Add(join(testSPS(66, 120, 68), testPPS(0), testSlice(0x65, 0, 7, 0, 0)))
	f.Add([]byte{0, 0, 1, 0x67, 66, 0, 30, 0xFF})
	f.Fuzz(func(t *testing.T, unit []byte) {
		var in Inspector
		info, err := in.Inspect(unit)
		switch {
		case err != nil && !errors.Is(err, ErrRefused):
			t.Fatal(err)
		case err == nil && (info.Width < 1 || info.Height < 1 || info.Width > MaxWidth || info.Height > MaxHeight || info.FrameNum >= info.MaxFrameNum):
			t.Fatalf("passed with %+v", info)
		}
	})
}

func FuzzSplitNALs(f *testing.F) {
	f.Add([]byte{0, 0, 0, 1, 9, 0xF0, 0, 0, 1, 6, 0, 0, 3, 1, 0, 0})
	f.Fuzz(func(t *testing.T, stream []byte) {
		nals, err := splitNALs(nil, stream)
		if err != nil {
			return
		}
		total := 0
		for _, n := range nals {
			if len(n) == 0 || bytes.Contains(n, startCode) || n[len(n)-1] == 0 {
				t.Fatalf("unit %x of %x", n, stream)
			}
			total += len(n) + len(startCode)
		}
		if total > len(stream) {
			t.Fatalf("%d bytes of %d", total, len(stream))
		}
	})
}

func FuzzDecoder(f *testing.F) {
	units := clip(f, 64, 48, 3)
	for _, u := range units {
		f.Add(u)
	}
	d := openDecoder(f)
	f.Fuzz(func(t *testing.T, unit []byte) {
		if _, err := d.Decode(units[0]); err != nil {
			t.Fatal(err)
		}
		if _, err := d.Decode(unit); err != nil && !errors.Is(err, ErrNeedKeyFrame) {
			t.Fatal(err)
		}
	})
}
