package flashcrypto

import (
	"crypto/subtle"

	"filippo.io/bigmod"
)

// Shape of a fixedBase: the exponent is cut into combTeeth rows, one above the other, and each row into combBlocks
// pieces. A table row has 2^combTeeth entries, all of which are read for each use; five teeth are the best balance.
const (
	combTeeth  = 5
	combBlocks = 4
)

// fixedBase raises a group's generator to secret exponents in constant time, by the comb of Lim and Lee ("More flexible
// exponentiation with precomputation", CRYPTO '94): about a fifth of the multiplications of the general method. For 320
// bits with five teeth in four blocks:
//
//	bit 319 … 304 | 303 … 288 | 287 … 272 | 271 … 256     one row of 64 bits for each tooth,
//	bit 255 … 240 | 239 …                                 the row below it stands for 2^64 times less;
//	 …                                                    a column of five bits picks one entry of its block's table
//	bit  63 …  48 |  47 …  32 |  31 …  16 |  15 …   0
//
// The columns of all blocks at one offset are multiplied in, then the result is squared once for the next offset.
type fixedBase struct {
	modulus *bigmod.Modulus
	row     int // bits of a tooth's row
	columns int // bits of a piece of it
	table   [combBlocks][1 << combTeeth][]uint
}

func newFixedBase(g *modp) *fixedBase {
	bits := 8 * g.exponentLen
	f := &fixedBase{modulus: g.modulus, row: (bits + combTeeth - 1) / combTeeth}
	f.columns = (f.row + combBlocks - 1) / combBlocks
	// power runs through generator^(2^n); those at which a tooth meets a block's first column are kept.
	power := bigmod.NewNat().SetUint(2).ExpandFor(g.modulus)
	var corners [combBlocks][combTeeth]*bigmod.Nat
	for n := range combTeeth * f.row {
		tooth, column := n/f.row, n%f.row
		if column%f.columns == 0 {
			corner := bigmod.NewNat().ExpandFor(g.modulus)
			copy(corner.Bits(), power.Bits())
			corners[column/f.columns][tooth] = corner
		}
		power.Mul(power, g.modulus)
	}
	for block := range f.table {
		for index := range f.table[block] {
			entry := bigmod.NewNat().SetUint(1).ExpandFor(g.modulus)
			for tooth, corner := range corners[block] {
				if index>>tooth&1 == 1 && corner != nil {
					entry.Mul(corner, g.modulus)
				}
			}
			f.table[block][index] = entry.Bits()
		}
	}
	return f
}

// exp is generator^exponent (big-endian, of the group's length).
func (f *fixedBase) exp(exponent []byte) *bigmod.Nat {
	out := bigmod.NewNat().SetUint(1).ExpandFor(f.modulus)
	factor := bigmod.NewNat().ExpandFor(f.modulus)
	for offset := f.columns - 1; offset >= 0; offset-- {
		if offset < f.columns-1 {
			out.Mul(out, f.modulus)
		}
		for block := range combBlocks {
			column := block*f.columns + offset
			if column >= f.row {
				continue
			}
			index := 0
			for tooth := range combTeeth {
				index |= bit(exponent, tooth*f.row+column) << tooth
			}
			f.choose(factor.Bits(), block, index)
			out.Mul(factor, f.modulus)
		}
	}
	return out
}

// choose copies a table entry without showing which: it reads them all.
func (f *fixedBase) choose(dst []uint, block, index int) {
	clear(dst)
	for i, entry := range f.table[block] {
		mask := -uint(subtle.ConstantTimeEq(int32(i), int32(index)))
		for k, limb := range entry[:len(dst)] {
			dst[k] |= limb & mask
		}
	}
}

// bit is the nth lowest bit of a big-endian number; 0 beyond its head. n is no secret.
func bit(b []byte, n int) int {
	if n >= 8*len(b) {
		return 0
	}
	return int(b[len(b)-1-n/8]>>(n%8)) & 1
}
