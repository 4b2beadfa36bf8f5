package measure

import (
	"math"
	"math/bits"
	"math/cmplx"
)

// transform is the discrete Fourier transform in place, or its inverse; the length is a power of two.
func transform(x []complex128, inverse bool) {
	n := len(x)
	shift := bits.UintSize - bits.Len(uint(n)-1)
	for i := range x {
		if n == 1 {
			break
		}
		if j := int(bits.Reverse(uint(i)) >> shift); i < j {
			x[i], x[j] = x[j], x[i]
		}
	}
	turn := -2 * math.Pi / float64(n)
	if inverse {
		turn = -turn
	}
	roots := make([]complex128, n/2)
	for i := range roots {
		roots[i] = cmplx.Rect(1, turn*float64(i))
	}
	for size := 2; size <= n; size <<= 1 {
		half, stride := size/2, n/size
		for start := 0; start < n; start += size {
			for i := range half {
				even, odd := x[start+i], x[start+half+i]*roots[i*stride]
				x[start+i], x[start+half+i] = even+odd, even-odd
			}
		}
	}
	if inverse {
		for i := range x {
			x[i] /= complex(float64(n), 0)
		}
	}
}
