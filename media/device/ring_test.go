package device

import (
	"runtime"
	"testing"
)

func TestTheRingCarriesEverySampleInOrder(t *testing.T) {
	var r ring
	const total = 500_000
	go func() {
		block := make([]int16, 777)
		for sent := 0; sent < total; {
			n := min(len(block), total-sent)
			for i := range n {
				block[i] = int16(sent + i)
			}
			took := r.write(block[:n])
			sent += took
			if took == 0 {
				runtime.Gosched()
			}
		}
	}()
	block := make([]int16, 480)
	for got := 0; got < total; {
		n := r.read(block)
		for _, v := range block[:n] {
			if v != int16(got) {
				t.Fatalf("sample %d is %d", got, v)
			}
			got++
		}
		if n == 0 {
			runtime.Gosched()
		}
	}
}

func TestTheRingIsBounded(t *testing.T) {
	var r ring
	if n := r.write(make([]int16, 2*ringSamples)); n != ringSamples {
		t.Errorf("took %d samples, has room for %d", n, ringSamples)
	}
	if n := r.write([]int16{1}); n != 0 {
		t.Errorf("took %d samples though it is full", n)
	}
	r.skip(ringSamples - 10)
	if n := r.buffered(); n != 10 {
		t.Errorf("%d samples wait after skipping", n)
	}
	r.skip(1000)
	if n := r.read(make([]int16, 5)); n != 0 {
		t.Errorf("read %d samples of an empty ring", n)
	}
}
