package measure

// A picture's number stands along its upper edge as black and white blocks, the highest bit first:
// numberBits of it, then checkBits that tell a number that was read wrong.
const (
	blockSide  = 20 // pixels: large enough to survive any picture coding
	numberBits = 12
	checkBits  = 4

	// MaxNumber is the highest number a picture can carry.
	MaxNumber = 1<<numberBits - 1

	white, black = 235, 16 // luma, limited range
	// Between these a block is neither black nor white.
	surelyBlack, surelyWhite = 90, 160
)

// check is the sum of the number's nibbles, turned round so that an all-black edge is no number.
func check(n int) int { return ^(n + n>>4 + n>>8) & (1<<checkBits - 1) }

// PutNumber draws the number n into a picture: f is its format, frame its bytes. The picture is at least 320×20.
func PutNumber(f Format, frame []byte, n int) {
	word := n<<checkBits | check(n)
	for i := range numberBits + checkBits {
		luma := byte(black)
		if word>>(numberBits+checkBits-1-i)&1 == 1 {
			luma = white
		}
		for y := range blockSide {
			row := frame[y*f.Width+i*blockSide:][:blockSide]
			for x := range row {
				row[x] = luma
			}
		}
	}
	neutral := frame[f.Width*f.Height:]
	chromaWidth, chromaHeight := (f.Width+1)/2, (f.Height+1)/2
	for plane := range 2 {
		for y := range blockSide / 2 {
			row := neutral[plane*chromaWidth*chromaHeight+y*chromaWidth:][:(numberBits+checkBits)*blockSide/2]
			for x := range row {
				row[x] = 128
			}
		}
	}
}

// Number reads the number that a picture carries; false where none can be read with certainty.
func Number(f Format, frame []byte) (int, bool) {
	if f.Width < (numberBits+checkBits)*blockSide || f.Height < blockSide {
		return 0, false
	}
	word := 0
	const inset = blockSide / 4 // the edges of a block may have bled
	for i := range numberBits + checkBits {
		sum := 0
		for y := inset; y < blockSide-inset; y++ {
			for x := inset; x < blockSide-inset; x++ {
				sum += int(frame[y*f.Width+i*blockSide+x])
			}
		}
		mean := sum / ((blockSide - 2*inset) * (blockSide - 2*inset))
		if mean > surelyBlack && mean < surelyWhite {
			return 0, false
		}
		word <<= 1
		if mean >= surelyWhite {
			word |= 1
		}
	}
	n := word >> checkBits
	return n, word&(1<<checkBits-1) == check(n)
}
