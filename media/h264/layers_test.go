package h264

import (
	"errors"
	"fmt"
	"image"
	"slices"
	"testing"
	"time"
)

// layered is a stream of three temporal layers with its pictures.
func layered(t testing.TB, frames int, keys ...int) (units []Unit, pictures []*image.YCbCr) {
	t.Helper()
	e, err := NewEncoder(EncoderConfig{Width: 320, Height: 180, Bitrate: 300_000, FrameRate: 20, Layers: 3})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = e.Close() })
	for n := range frames {
		img := moving(320, 180, n)
		key := false
		for _, k := range keys {
			key = key || k == n
		}
		u, err := e.Encode(img, key, time.Duration(n)*time.Second/20)
		if err != nil {
			t.Fatal(err)
		}
		u.Data = append([]byte(nil), u.Data...)
		units, pictures = append(units, u), append(pictures, img)
	}
	return units, pictures
}

func TestLowerLayersDecodeCleanWithoutTheUpperOnes(t *testing.T) {
	units, pictures := layered(t, 121, 50, 51, 54)
	var bits [MaxLayers]int
	for top := range MaxLayers {
		t.Run(fmt.Sprintf("layers 0 to %d", top), func(t *testing.T) {
			d := openDecoder(t)
			full := openDecoder(t)
			count := 0
			for n, u := range units {
				whole, err := full.Decode(u.Data)
				if err != nil {
					t.Fatal(err)
				}
				if u.Layer > top {
					continue
				}
				count++
				bits[top] += 8 * len(u.Data)
				img, err := d.Decode(u.Data)
				if err != nil {
					t.Fatalf("picture %d of layer %d: %v", n, u.Layer, err)
				}
				// The very same picture as with all layers, which is what "clean" means; and like the camera's.
				if string(img.Y) != string(whole.Y) || string(img.Cb) != string(whole.Cb) || string(img.Cr) != string(whole.Cr) {
					t.Fatalf("picture %d of layer %d is another one without the upper layers", n, u.Layer)
				}
				if q := psnr(pictures[n], img); q < 28 {
					t.Errorf("picture %d of layer %d: PSNR-Y %.1f dB", n, u.Layer, q)
				}
			}
			if want := []int{33, 62, 121}[top]; count < want-2 || count > want+2 {
				t.Errorf("%d pictures of %d, wanted about %d", count, len(units), want)
			}
		})
	}
	t.Logf("of all bits, layer 0 has %d %%, layers 0 and 1 have %d %%", 100*bits[0]/bits[2], 100*bits[1]/bits[2])
	if bits[0] > bits[2]*6/10 || bits[1] > bits[2]*85/100 {
		t.Errorf("the upper layers hardly save bits: %d", bits)
	}
}

func TestPicturesSayWhatTheyNeed(t *testing.T) {
	units, _ := layered(t, 60, 30)
	var in Inspector
	layerOf := map[int]int{} // of reference pictures, by frame_num
	for n, u := range units {
		info, err := in.Inspect(u.Data)
		if err != nil {
			t.Fatal(err)
		}
		if info.Key {
			clear(layerOf)
		}
		if info.Reference != (u.Layer < MaxLayers-1) {
			t.Errorf("picture %d of layer %d: needed by others %v", n, u.Layer, info.Reference)
		}
		if want := 1; info.Key != (len(info.Needs()) == 0) || !info.Key && len(info.Needs()) != want {
			t.Errorf("picture %d needs %v", n, info.Needs())
		}
		for _, need := range info.Needs() {
			layer, ok := layerOf[need]
			if !ok {
				t.Errorf("picture %d needs %d, which never came", n, need)
			}
			if layer > u.Layer || layer == u.Layer && layer > 0 {
				t.Errorf("picture %d of layer %d needs one of layer %d", n, u.Layer, layer)
			}
		}
		if info.Reference {
			layerOf[info.FrameNum] = u.Layer
		}
	}
}

func TestLayersThatDoNotExistAreRefused(t *testing.T) {
	for _, layers := range []int{-1, MaxLayers + 1} {
		if e, err := NewEncoder(EncoderConfig{Width: 64, Height: 48, FrameRate: 20, Layers: layers}); err == nil {
			t.Errorf("%d layers were taken", layers)
			_ = e.Close()
		}
	}
}

func TestReferenceListsAreReadAsTheStandardSays(t *testing.T) {
	sps, pps := testSPS(66, 40, 23), testPPS(0)
	idr := testSlice(0x65, 0, 7, 0, 0)
	slice := func(frameNum uint32, write func(w *bitWriter)) []byte {
		w := (&bitWriter{}).ue(0, 5, 0).u(frameNum, 4)
		write(w)
		return w.u(0xABCDEF, 24).nal(0x41)
	}
	for name, c := range map[string]struct {
		slice []byte
		needs []int
	}{
		"no list: the picture before":          {slice(5, func(w *bitWriter) { w.u(0, 2) }), []int{4}},
		"no list, numbers begin anew":          {slice(0, func(w *bitWriter) { w.u(0, 2) }), []int{15}},
		"two back":                             {slice(5, func(w *bitWriter) { w.u(1, 2).ue(0, 1, 3) }), []int{3}},
		"two back across the end":              {slice(1, func(w *bitWriter) { w.u(1, 2).ue(0, 1, 3) }), []int{15}},
		"forward counts too":                   {slice(15, func(w *bitWriter) { w.u(1, 2).ue(1, 2, 3) }), []int{2}},
		"two of two":                           {slice(5, func(w *bitWriter) { w.u(1, 1).ue(1).u(1, 1).ue(0, 0, 0, 1, 3) }), []int{4, 2}},
		"more named than used":                 {slice(5, func(w *bitWriter) { w.u(1, 2).ue(0, 0, 0, 1, 3) }), []int{4}},
		"the same twice":                       {slice(5, func(w *bitWriter) { w.u(1, 1).ue(1).u(1, 1).ue(0, 0, 1, 15, 3) }), []int{4}},
		"a long-term picture":                  {slice(5, func(w *bitWriter) { w.u(1, 2).ue(2, 0, 3) }), nil},
		"an unknown operation":                 {slice(5, func(w *bitWriter) { w.u(1, 2).ue(4, 0, 3) }), nil},
		"a difference beyond all frame_nums":   {slice(5, func(w *bitWriter) { w.u(1, 2).ue(0, 16, 3) }), nil},
		"a list that never ends":               {slice(5, func(w *bitWriter) { w.u(1, 2).ue(make([]uint32, 200)...) }), nil},
		"more references than there can be":    {slice(5, func(w *bitWriter) { w.u(1, 1).ue(32).u(0, 1) }), nil},
		"a second slice with another need too": {join(slice(5, func(w *bitWriter) { w.u(0, 2) }), secondSlice()), []int{4, 3}},
	} {
		var in Inspector
		if _, err := in.Inspect(join(sps, pps, idr)); err != nil {
			t.Fatal(err)
		}
		info, err := in.Inspect(c.slice)
		if (err != nil) != (c.needs == nil) || fmt.Sprint(info.Needs()) != fmt.Sprint(c.needs) && err == nil {
			t.Errorf("%s: needs %v (%v), wanted %v", name, info.Needs(), err, c.needs)
		}
	}
}

func secondSlice() []byte {
	return (&bitWriter{}).ue(40, 5, 0).u(5, 4).u(1, 2).ue(0, 1, 3).u(0xABCDEF, 24).nal(0x41)
}

// FuzzReferences meets pictures behind a key frame, whose slice headers are read furthest.
func FuzzReferences(f *testing.F) {
	units, _ := layered(f, 4)
	for _, u := range units[1:] {
		f.Add(u.Data[:min(len(u.Data), 400)])
	}
	f.Add(secondSlice())
	f.Fuzz(func(t *testing.T, unit []byte) {
		for _, key := range [][]byte{units[0].Data, join(testSPS(66, 40, 23), testPPS(0), testSlice(0x65, 0, 7, 0, 0))} {
			var in Inspector
			if _, err := in.Inspect(key); err != nil {
				t.Fatal(err)
			}
			info, err := in.Inspect(unit)
			if err != nil && !errors.Is(err, ErrRefused) {
				t.Fatal(err)
			}
			for i, n := range info.Needs() {
				if info.Key || n < 0 || n >= info.MaxFrameNum || slices.Contains(info.Needs()[:i], n) {
					t.Fatalf("%+v needs %v", info, info.Needs())
				}
			}
		}
	})
}

func BenchmarkEncodeLayers360p(b *testing.B) { benchmarkLayers(b, 640, 360, 450_000) }
func BenchmarkEncodeLayers180p(b *testing.B) { benchmarkLayers(b, 320, 180, 120_000) }

func benchmarkLayers(b *testing.B, w, h, bitrate int) {
	e, err := NewEncoder(EncoderConfig{Width: w, Height: h, Bitrate: bitrate, FrameRate: 20, Layers: 3})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = e.Close() })
	var scene [60]*image.YCbCr
	for n := range scene {
		scene[n] = moving(w, h, n)
	}
	b.ReportAllocs()
	n := 0
	for b.Loop() {
		if _, err := e.Encode(scene[n%60], false, time.Duration(n)*time.Second/20); err != nil {
			b.Fatal(err)
		}
		n++
	}
}
