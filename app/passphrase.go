package app

import (
	"math"
	"strings"
	"unicode"
)

const (
	// weakBits and fairBits are how many guesses, as a power of two, a passphrase should stand at least: each guess costs somebody
	// who has the file about a second of a machine's time.
	weakBits = 30
	fairBits = 50
	// wordWorth is how much a word is worth, in bits, if it was chosen from some thousand.
	wordWorth = 12
)

// passphraseHint says in words how easily a passphrase would be guessed. It stops nobody.
func passphraseHint(text string) string {
	const advice = "Four or five words that have nothing to do with each other are good, and easy to remember."
	switch bits := passphraseBits(text); {
	case text == "":
		return advice
	case bits < weakBits:
		return "Weak: whoever gets the file could guess it. " + advice
	case bits < fairBits:
		return "Fair: it holds for a while. One word more would make it good."
	}
	return "Good: hard to guess."
}

// passphraseBits estimates how hard a passphrase is to guess: by its letters, or, where it is all words, by their number.
func passphraseBits(text string) float64 {
	different, kinds := map[rune]bool{}, map[string]bool{}
	repeats, length, before := 0, 0, rune(-1)
	for _, r := range text {
		if r-before == 0 || r-before == 1 || before-r == 1 { // aaa, abc, 321
			repeats++
		}
		before, different[r], length = r, true, length+1
		switch {
		case unicode.IsLower(r):
			kinds["lower"] = true
		case unicode.IsUpper(r):
			kinds["upper"] = true
		case unicode.IsDigit(r):
			kinds["digit"] = true
		case !unicode.IsSpace(r):
			kinds["other"] = true
		}
	}
	size := map[string]int{"lower": 26, "upper": 26, "digit": 10, "other": 30}
	letters := 1
	for kind := range kinds {
		letters += size[kind]
	}
	useful := min(length-repeats, 2*len(different))
	bits := float64(useful) * math.Log2(float64(letters))
	if words := strings.Fields(text); !kinds["digit"] && !kinds["other"] {
		bits = min(bits, float64(len(words))*wordWorth)
	}
	return bits
}
