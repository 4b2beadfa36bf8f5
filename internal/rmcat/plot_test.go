package rmcat

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"math"
	"strings"
	"testing"
)

func TestSVGIsWellFormedAndLabelled(t *testing.T) {
	r := made(30*second, []Capacity{{0, 1 * mbit}, {10 * second, 500 * kbit}}, []steps{{0, 900 * kbit, 5 * ms}})
	r.Scenario.Name, r.Scenario.Title, r.Scenario.Section = "5.1", "Loss < 1 & more", "RFC 8867 §5.1"
	r.Traces = []*Trace{{Points: []TracePoint{{At: second, Rate: 800 * kbit}, {At: 3 * second, Rate: 900 * kbit}}}}
	r.Packets[0][100].Dropped = true
	r.Packets[0][200].Marked = true
	var b bytes.Buffer
	if err := r.WriteSVG(&b); err != nil {
		t.Fatal(err)
	}
	var texts []string
	for d := xml.NewDecoder(bytes.NewReader(b.Bytes())); ; {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if s, ok := token.(xml.CharData); ok {
			texts = append(texts, string(s))
		}
	}
	all := strings.Join(texts, "\n")
	for _, want := range []string{"5.1  Loss < 1 & more", "RFC 8867 §5.1", "time (s)", "Mbit/s", "ms", "% of packets", "capacity", "made", "granted", "dropped", "marked (CE)"} {
		if !strings.Contains(all, want) {
			t.Errorf("the picture does not say %q", want)
		}
	}
	if strings.Contains(b.String(), "NaN") {
		t.Error("there is a NaN in the picture")
	}
}

func TestNiceSteps(t *testing.T) {
	for _, c := range []struct {
		span  float64
		parts int
		want  float64
	}{{100, 12, 10}, {125, 12, 20}, {300, 12, 25}, {2.8, 8, 0.5}, {0.9, 4, 0.25}, {1e-9, 2, 5e-10}} {
		if got := niceStep(c.span, c.parts); math.Abs(got-c.want) > c.want*1e-6 {
			t.Errorf("%v in %d parts: steps of %v, want %v", c.span, c.parts, got, c.want)
		}
	}
	for _, c := range []struct {
		v, step float64
		want    string
	}{{20, 10, "20"}, {0.5, 0.5, "0.5"}, {0.75, 0.25, "0.75"}, {2.5, 2.5, "2.5"}} {
		if got := number(c.v, c.step); got != c.want {
			t.Errorf("%v is written %q, want %q", c.v, got, c.want)
		}
	}
}
