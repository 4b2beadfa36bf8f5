package trust

import (
	"crypto/sha256"
	"encoding/hex"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

// Another list is another protocol: both sides would show different words for the same digest.
const (
	wordsSum = "5b6083f0f1f37c3d3cb97f162ccc8c95d41207cc1c4c327e6bf775f48dbcb905"
	emojiSum = "18666deced8c08ca53cdc2cfc34c08406fff900db907075a81d5ae2380ed95ea"
)

func TestTheListsAreTheOnesOfThisVersion(t *testing.T) {
	sum := func(s string) string {
		h := sha256.Sum256([]byte(s))
		return hex.EncodeToString(h[:])
	}
	var b strings.Builder
	for _, e := range AllEmoji() {
		b.WriteString(e.Text + " " + e.Name + "\n")
	}
	if got := sum(strings.Join(Words(), "\n")); got != wordsSum {
		t.Errorf("the words have changed: %s", got)
	}
	if got := sum(b.String()); got != emojiSum {
		t.Errorf("the emoji have changed: %s", got)
	}
}

func TestWordsKeepTheRules(t *testing.T) {
	words := Words()
	if len(words) != 1<<wordBits || !slices.IsSorted(words) {
		t.Fatalf("%d words, sorted: %v", len(words), slices.IsSorted(words))
	}
	form := regexp.MustCompile(`^[a-z]{3,8}$`)
	all, gaps, sounds := make(map[string]bool), make(map[string]string), make(map[string]string)
	for _, w := range words {
		if all[w] {
			t.Errorf("%q is there twice", w)
		}
		all[w] = true
	}
	for _, w := range words {
		if !form.MatchString(w) {
			t.Errorf("%q is not a word of 3 to 8 letters", w)
		}
		for i := range w {
			if shorter := w[:i] + w[i+1:]; all[shorter] {
				t.Errorf("%q and %q differ in one letter", shorter, w)
			}
			gap := w[:i] + "*" + w[i+1:]
			if other, ok := gaps[gap]; ok {
				t.Errorf("%q and %q differ in one letter", other, w)
			}
			gaps[gap] = w
		}
		if other, ok := sounds[sound(w)]; ok {
			t.Errorf("%q and %q sound alike", other, w)
		}
		sounds[sound(w)] = w
	}
}

var (
	spellings = strings.NewReplacer("ough", "o", "augh", "af", "ph", "f", "ck", "k", "kn", "n", "wr", "r", "gh", "", "ce", "se", "ci", "si",
		"cy", "sy", "sch", "sk", "c", "k", "q", "k", "x", "ks", "z", "s", "mb", "m", "wh", "w", "dge", "j", "tch", "ch", "tion", "shn",
		"ge", "je", "gi", "ji")
	vowels = regexp.MustCompile(`[aeiouy]+`)
)

// sound is roughly how an English word is heard on a bad line: its consonants, with something between them.
func sound(w string) string {
	s := spellings.Replace(w)
	var b strings.Builder
	for i := range len(s) {
		if i == 0 || s[i] != s[i-1] {
			b.WriteByte(s[i])
		}
	}
	s = vowels.ReplaceAllString(b.String(), "a")
	if len(s) > 3 {
		s = strings.TrimSuffix(s, "a")
	}
	return s
}

func TestEmojiKeepTheRules(t *testing.T) {
	texts, names := make(map[string]bool), make(map[string]bool)
	for _, e := range AllEmoji() {
		if utf8.RuneCountInString(e.Text) != 1 {
			t.Errorf("%s is not one code point", e.Name)
		}
		if e.Name == "" || texts[e.Text] || names[e.Name] {
			t.Errorf("%s %q: twice, or without a name", e.Text, e.Name)
		}
		texts[e.Text], names[e.Name] = true, true
	}
	if len(texts) != 1<<emojiBits {
		t.Errorf("%d emoji", len(texts))
	}
}

func TestWordsAndEmojiAreTheBitsOfTheDigest(t *testing.T) {
	var zero, ones, some ShortString
	for i := range ones {
		ones[i] = 0xff
	}
	some[0], some[1], some[4] = 0x00, 0x20, 0x80  // words 1, 0, 1
	some[8], some[9], some[12] = 0x04, 0x20, 0x10 // emoji 1, 2, 0, 0, 0, 1
	for name, c := range map[string]struct {
		s     ShortString
		words [wordCount]int
		emoji [emojiCount]int
	}{
		"zeros": {zero, [3]int{}, [6]int{}},
		"ones":  {ones, [3]int{2047, 2047, 2047}, [6]int{63, 63, 63, 63, 63, 63}},
		"some":  {some, [3]int{1, 0, 1}, [6]int{1, 2, 0, 0, 0, 1}},
	} {
		for i, w := range c.s.Words() {
			if w != Words()[c.words[i]] {
				t.Errorf("%s: word %d is %s, want %s", name, i, w, Words()[c.words[i]])
			}
		}
		for i, e := range c.s.Emoji() {
			if e != AllEmoji()[c.emoji[i]] {
				t.Errorf("%s: emoji %d is %s, want %s", name, i, e.Name, AllEmoji()[c.emoji[i]].Name)
			}
		}
	}
}
