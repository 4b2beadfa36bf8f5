package h264

// bits reads an RBSP bit by bit; past the end it sets short and gives zeros.
type bits struct {
	data  []byte
	at    int // in bits
	short bool
}

func (b *bits) bit() uint32 {
	if b.at>>3 >= len(b.data) {
		b.short = true
		return 0
	}
	v := b.data[b.at>>3] >> (7 - b.at&7) & 1
	b.at++
	return uint32(v)
}

func (b *bits) flag() bool { return b.bit() == 1 }

// u reads n ≤ 32 bits.
func (b *bits) u(n int) uint32 {
	var v uint32
	for range n {
		v = v<<1 | b.bit()
	}
	return v
}

// ue reads an Exp-Golomb code (§9.1). Codes over 32 bits are as bad as an end of data.
func (b *bits) ue() uint32 {
	zeros := 0
	for b.bit() == 0 {
		zeros++
		if zeros > 31 || b.short {
			b.short = true
			return 0
		}
	}
	return 1<<zeros - 1 + b.u(zeros)
}

// se reads a signed Exp-Golomb code (§9.1.1).
func (b *bits) se() int32 {
	v := b.ue()
	if v&1 == 1 {
		return int32(v/2 + 1)
	}
	return -int32(v / 2)
}
