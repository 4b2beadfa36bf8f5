package h264

import "testing"

func TestTheQuantizerIsTheCallers(t *testing.T) {
	enc, err := NewEncoder(EncoderConfig{Width: 320, Height: 240, Bitrate: 20_000, FrameRate: 30, Quantizer: 40})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = enc.Close() }()
	sizes := map[int]int{}
	for n, q := range []int{40, 24, 50} {
		if err := enc.SetQuantizer(q); err != nil {
			t.Fatal(err)
		}
		sizes[q] = len(encode(t, enc, moving(320, 240, n), true, n).Data)
	}
	if sizes[24] < 2*sizes[40] || sizes[40] < 3*sizes[50]/2 {
		t.Errorf("bytes of a key frame by quantizer: %v", sizes)
	}
	if err := enc.SetQuantizer(30); err != nil {
		t.Fatal(err)
	}
	if u := encode(t, enc, moving(320, 240, 3), false, 3); u.Key || u.Layer != 0 {
		t.Errorf("after another quantizer: key %v, layer %d", u.Key, u.Layer)
	}
	for _, q := range []int{0, -1, MaxQuantizer + 1} {
		if err := enc.SetQuantizer(q); err == nil {
			t.Errorf("quantizer %d was taken", q)
		}
	}
	if _, err := NewEncoder(EncoderConfig{Width: 320, Height: 240, Quantizer: MaxQuantizer + 1}); err == nil {
		t.Error("an encoder with quantizer 52")
	}
	free, err := NewEncoder(EncoderConfig{Width: 320, Height: 240, Bitrate: 200_000, FrameRate: 30})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = free.Close() }()
	if err := free.SetQuantizer(30); err == nil {
		t.Error("an encoder that follows the bitrate took a quantizer")
	}
}
