package phone

import (
	"testing"

	"sundog.dev/sundog/mesh"
	"sundog.dev/sundog/rtmfp/flash"
)

func TestWhatWaitsForADecoderIsBounded(t *testing.T) {
	h := newHearing(&mediaRoom{maxPeers: 1}, nil, nil, nil)
	from := flash.PeerID{1}
	for range framesWaiting {
		h.receive(from, mesh.Frame{Kind: mesh.VideoFrame, Data: make([]byte, bytesWaiting/4)})
	}
	if r := h.of(from); len(r.early) != 4 {
		t.Errorf("%d pictures wait", len(r.early))
	}
	h.from[from].broken = true // nothing will ever take pictures
	h.receive(from, mesh.Frame{Kind: mesh.VideoFrame, Data: []byte{1}})
	if r := h.of(from); len(r.early) != 4 {
		t.Errorf("%d pictures wait for nothing", len(r.early))
	}
}
