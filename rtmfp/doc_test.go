package rtmfp

import (
	"go/parser"
	"go/token"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// sections are those of RFC 7016 that say what to do; their subsections count for them.
const sections = `2.1.1 2.1.2 2.1.3 2.1.4 2.1.5 2.2.1 2.2.2 2.2.3 2.2.4 2.3
2.3.1 2.3.2 2.3.3 2.3.4 2.3.5 2.3.6 2.3.7 2.3.8 2.3.9 2.3.10 2.3.11 2.3.11.1 2.3.12 2.3.13 2.3.14 2.3.15 2.3.16 2.3.17 2.3.18
3.1 3.2 3.3 3.4 3.5 3.5.1.1.1 3.5.1.1.2 3.5.1.2 3.5.1.3 3.5.1.4 3.5.1.5 3.5.1.6 3.5.1.7 3.5.2 3.5.2.1 3.5.2.2 3.5.2.3 3.5.3
3.5.4 3.5.4.1 3.5.4.2 3.5.4.3 3.5.5 3.6.1.1 3.6.1.2 3.6.1.3 3.6.2 3.6.2.1 3.6.2.2 3.6.2.3 3.6.2.4 3.6.2.5 3.6.2.6 3.6.2.7
3.6.2.8 3.6.2.9 3.6.2.10 3.6.2.11 3.6.3 3.6.3.1 3.6.3.2 3.6.3.3 3.6.3.4 3.6.3.5 3.6.3.6 3.6.3.7 3.6.3.8 5 A`

// The package documentation says of each section where it is, and all files and tests that it names exist.
func TestTableOfSections(t *testing.T) {
	f, err := parser.ParseFile(token.NewFileSet(), "doc.go", nil, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	tests := testFunctions(t)
	columns := regexp.MustCompile(` {2,}`)
	var named []string
	for line := range strings.Lines(f.Doc.Text()) {
		row, ok := strings.CutPrefix(strings.TrimSpace(line), "§")
		if !ok {
			continue
		}
		section, rest, _ := strings.Cut(row, " ")
		cells := columns.Split(strings.TrimSpace(rest), -1)
		if len(cells) != 3 {
			t.Errorf("§%s: %d columns", section, len(cells))
			continue
		}
		named = append(named, section)
		for _, file := range strings.Fields(cells[1]) {
			if _, err := os.Stat(file); err != nil {
				t.Errorf("§%s: %v", section, err)
			}
		}
		for _, test := range strings.Fields(cells[2]) {
			if !tests[test] {
				t.Errorf("§%s: there is no %s", section, test)
			}
		}
	}
	if want := strings.Fields(sections); !slices.Equal(named, want) {
		t.Errorf("the sections are\n%v, want\n%v", named, want)
	}
}
