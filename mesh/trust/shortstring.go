package trust

import (
	_ "embed" // the lists
	"encoding/binary"
	"strings"
)

const (
	wordCount  = 3  // of 2048: 33 bits
	wordBits   = 11 // a word's place in the list
	emojiCount = 6  // of 64: 36 bits
	emojiBits  = 6  // an emoji's place in the list

	// emojiAt is where in the digest the emoji begin. They share no bit with the words: who compares both compares 69 bits.
	emojiAt = 8
)

// ShortString is what members compare by voice: the digest that words and emoji are taken from.
type ShortString [32]byte

// Emoji is a picture with the name that is read aloud.
type Emoji struct {
	Text string // one code point
	Name string // English
}

// Words are three words: bits 0–10, 11–21 and 22–32 of the digest, most significant first.
func (s ShortString) Words() []string {
	words := make([]string, wordCount)
	for i := range words {
		words[i] = Words()[s.bits(0, i, wordBits)]
	}
	return words
}

// Emoji are six pictures: six bits each from bit 64 of the digest on.
func (s ShortString) Emoji() []Emoji {
	emoji := make([]Emoji, emojiCount)
	for i := range emoji {
		emoji[i] = emojiList[s.bits(emojiAt, i, emojiBits)]
	}
	return emoji
}

// String is the words with spaces between them.
func (s ShortString) String() string { return strings.Join(s.Words(), " ") }

// bits is the i-th group of n bits from the given byte on.
func (s ShortString) bits(from, i, n int) int {
	window := binary.BigEndian.Uint64(s[from:])
	return int(window >> (64 - n*(i+1)) & (1<<n - 1))
}

//go:embed words.txt
var wordFile string

var wordList = strings.Fields(wordFile)

// Words is the list: 2048 words, sorted. It must not be changed: another list would be another version of the protocol.
func Words() []string { return wordList }

// AllEmoji is the list of 64.
func AllEmoji() []Emoji { return emojiList[:] }
