package flash

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestTheTableNamesWhatIsThere keeps the documentation's table true: each file and test that it names exists.
func TestTheTableNamesWhatIsThere(t *testing.T) {
	doc, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	var tests strings.Builder
	files, err := filepath.Glob("*_test.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		tests.Write(b)
	}
	rows := 0
	for line := range strings.SplitSeq(string(doc), "\n") {
		names := regexp.MustCompile(`Test\w+$`).FindString(line)
		if names == "" {
			continue
		}
		rows++
		if !strings.Contains(tests.String(), "func "+names+"(t *testing.T)") {
			t.Errorf("there is no %s", names)
		}
		sources := regexp.MustCompile(`\w+\.go\b`).FindAllString(line, -1)
		if len(sources) == 0 {
			t.Errorf("a row without a file: %s", line)
		}
		for _, name := range sources {
			if _, err := os.Stat(name); err != nil {
				t.Errorf("there is no %s", name)
			}
		}
	}
	if rows < 20 {
		t.Errorf("%d rows", rows)
	}
}
