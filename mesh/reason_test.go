package mesh

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"strconv"
	"strings"
	"testing"
	"unicode"

	"sundog.dev/sundog/idmanager"
)

// declaredReasons reads the constants from the source, so that a new one cannot be forgotten.
func declaredReasons(t *testing.T) []Reason {
	file, err := parser.ParseFile(token.NewFileSet(), "reason.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var found []Reason
	ast.Inspect(file, func(n ast.Node) bool {
		v, ok := n.(*ast.ValueSpec)
		if !ok {
			return true
		}
		if typ, ok := v.Type.(*ast.Ident); ok && typ.Name == "Reason" {
			s, err := strconv.Unquote(v.Values[0].(*ast.BasicLit).Value)
			if err != nil {
				t.Fatal(err)
			}
			found = append(found, Reason(s))
		}
		return true
	})
	return found
}

func TestEveryReasonHasASentenceOfItsOwn(t *testing.T) {
	declared := declaredReasons(t)
	if len(declared) != len(Reasons()) || len(declared) < 15 {
		t.Fatalf("%d reasons are declared, %d listed", len(declared), len(Reasons()))
	}
	fallback := Reason("no such reason").Sentence("Zoë", "example.org")
	seen := map[string]Reason{}
	for _, r := range declared {
		for _, where := range []string{"", "example.org"} {
			s := r.Sentence("Zoë", where)
			if r != Hangup && s == fallback {
				t.Errorf("%s has none", r)
			}
			if other, ok := seen[s]; ok && other != r {
				t.Errorf("%s and %s say the same: %q", r, other, s)
			}
			seen[s] = r
			if !strings.HasSuffix(s, ".") || !unicode.IsUpper([]rune(s)[0]) || strings.Contains(s, "  ") {
				t.Errorf("%s is no sentence: %q", r, s)
			}
			if strings.Contains(s, "%") {
				t.Errorf("%s is not filled in: %q", r, s)
			}
		}
		if s := r.Sentence("", ""); strings.Contains(s, "  ") || s == "" {
			t.Errorf("%s without a name: %q", r, s)
		}
	}
}

func TestSentencesUseNoJargon(t *testing.T) {
	for _, r := range Reasons() {
		s := strings.ToLower(r.Sentence("Zoë", "example.org"))
		for _, word := range []string{"error", "peer", "session", "rtmfp", "nat ", "udp", "timeout", "packet", "handshake", "invalid", "failed", "_", "!", "null"} {
			if strings.Contains(s, word) {
				t.Errorf("%s says %q: %q", r, word, s)
			}
		}
	}
}

func TestUnknownNameSaysWhereAndWhatToDo(t *testing.T) {
	want := "Nobody by the name Zoë is registered at example.org. Check the spelling, or ask for their link."
	if got := UnknownName.Sentence("Zoë", "example.org"); got != want {
		t.Errorf("%q", got)
	}
}

func TestAResolverMaySayTheReason(t *testing.T) {
	cause := errors.New("another key")
	for _, c := range []struct {
		err  error
		want Reason
	}{
		{idmanager.ErrUnknownName, UnknownName},
		{fmt.Errorf("at home: %w", idmanager.ErrOffline), Offline},
		{cause, ServiceUnreachable},
		{fmt.Errorf("bob: %w", &UnresolvedError{Reason: IdentityChanged, Err: cause}), IdentityChanged},
	} {
		if got := unresolvedReason(c.err); got != c.want {
			t.Errorf("%v: %s, want %s", c.err, got, c.want)
		}
	}
	if !errors.Is(&UnresolvedError{Reason: IdentityChanged, Err: cause}, cause) {
		t.Error("the cause is lost")
	}
}

func TestEveryTroubleHasASentenceOfItsOwn(t *testing.T) {
	seen := map[string]Trouble{}
	for _, trouble := range []Trouble{TheirKeyChanged, OurKeyChanged, SameKey, ProofRefused, ProofMissing} {
		s := Status{State: Ended, Reason: IdentityChanged, Trouble: trouble}.Sentence("Zoë", "")
		if other, ok := seen[s]; ok {
			t.Errorf("%s and %s say the same: %q", trouble, other, s)
		}
		seen[s] = trouble
		if !strings.HasPrefix(s, "Zoë") && !strings.Contains(s, "to Zoë") || !strings.HasSuffix(s, ".") || strings.Contains(s, "%") {
			t.Errorf("%s is no sentence: %q", trouble, s)
		}
		if s := trouble.Sentence(""); strings.Contains(s, "  ") || s == "" {
			t.Errorf("%s without a name: %q", trouble, s)
		}
	}
	if s := OurKeyChanged.Sentence("Zoë"); !strings.Contains(s, "that says") || !strings.Contains(s, "If your key is new") || !strings.Contains(s, "If it is not") {
		t.Errorf("what nobody has proved is told as a fact: %q", s)
	}
	if s := (Status{State: Ended, Reason: Busy}).Sentence("Zoë", ""); s != Busy.Sentence("Zoë", "") {
		t.Errorf("%q", s)
	}
}
