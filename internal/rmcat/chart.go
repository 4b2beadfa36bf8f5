package rmcat

import (
	"fmt"
	"html"
	"io"
	"math"
	"strings"
)

// Sizes of a chart in pixels.
const (
	chartWidth   = 1040
	marginLeft   = 72
	marginRight  = 190 // the legend is there
	marginTop    = 56
	marginBottom = 52
	panelGap     = 48
	legendStep   = 18
)

// colours can be told apart by the colour-blind too (Okabe and Ito). Lines that come back to a colour are dashed.
var colours = []string{"#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9"}

// curve is one line of a panel. Its points are evenly spaced in time from 0 on.
type curve struct {
	label  string
	values []float64 // NaN: nothing there
	step   float64   // seconds between values
	colour string
	dash   string // SVG dash pattern, empty: solid
	width  float64
	stairs bool // a value holds until the next one
	filled bool // down to the axis
}

// panel is one diagram of a chart; all share the axis of time.
type panel struct {
	title  string
	unit   string // of the vertical axis
	height int
	top    float64 // highest value shown, 0: as the curves need
	least  float64 // but no less than this
	curves []curve
}

// chart is several panels, one below the other.
type chart struct {
	title, subtitle string
	seconds         float64
	panels          []panel
}

// write draws the chart as SVG.
func (c chart) write(w io.Writer) error {
	height := marginTop + marginBottom
	for _, p := range c.panels {
		height += p.height + panelGap
	}
	height -= panelGap
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" viewBox="0 0 %d %d" font-family="DejaVu Sans, Verdana, sans-serif" font-size="12" fill="#222">`+"\n",
		chartWidth, height, chartWidth, height)
	fmt.Fprintf(&b, `<rect width="%d" height="%d" fill="#ffffff"/>`+"\n", chartWidth, height)
	text(&b, marginLeft, 20, "start", `font-size="16" font-weight="bold"`, c.title)
	text(&b, chartWidth-16, 20, "end", `fill="#666"`, c.subtitle)
	y := marginTop
	for i, p := range c.panels {
		c.panel(&b, p, i, y, i == len(c.panels)-1)
		y += p.height + panelGap
	}
	b.WriteString("</svg>\n")
	_, err := io.WriteString(w, b.String())
	return err
}

func text(b *strings.Builder, x, y float64, anchor, attributes, s string) {
	fmt.Fprintf(b, `<text x="%.1f" y="%.1f" text-anchor="%s" %s>%s</text>`+"\n", x, y, anchor, attributes, html.EscapeString(s))
}

func (c chart) panel(b *strings.Builder, p panel, index, y int, last bool) {
	const plot = chartWidth - marginLeft - marginRight
	top := p.top
	if top == 0 {
		for _, v := range p.curves {
			for _, value := range v.values {
				if !math.IsNaN(value) {
					top = max(top, value)
				}
			}
		}
		top = max(top*1.05, p.least, 1e-9)
	}
	step := niceStep(top, p.height/32)
	top = math.Ceil(top/step-1e-9) * step
	px := func(s float64) float64 { return marginLeft + s/c.seconds*plot }
	py := func(v float64) float64 { return float64(y+p.height) - min(max(v, 0)/top, 1)*float64(p.height) }
	text(b, marginLeft, float64(y-8), "start", `font-weight="bold"`, p.title)
	for v := 0.0; v <= top+step/2; v += step {
		fmt.Fprintf(b, `<path d="M%d %.1fH%d" stroke="#e4e4e4"/>`+"\n", marginLeft, py(v), marginLeft+plot)
		text(b, marginLeft-8, py(v)+4, "end", "", number(v, step))
	}
	fmt.Fprintf(b, `<text transform="translate(16 %.1f) rotate(-90)" text-anchor="middle">%s</text>`+"\n", float64(y)+float64(p.height)/2, html.EscapeString(p.unit))
	across := niceStep(c.seconds, 12)
	for s := 0.0; s <= c.seconds+1e-9; s += across {
		fmt.Fprintf(b, `<path d="M%.1f %dv%d" stroke="#e4e4e4"/>`+"\n", px(s), y, p.height)
		text(b, px(s), float64(y+p.height+16), "middle", "", number(s, across))
	}
	if last {
		text(b, marginLeft+plot/2, float64(y+p.height+38), "middle", "", "time (s)")
	}
	fmt.Fprintf(b, `<clipPath id="p%d"><rect x="%d" y="%d" width="%d" height="%d"/></clipPath><g clip-path="url(#p%d)">`+"\n",
		index, marginLeft, y-1, plot, p.height+2, index)
	for _, v := range p.curves {
		v.draw(b, px, py)
	}
	b.WriteString("</g>\n")
	fmt.Fprintf(b, `<rect x="%d" y="%d" width="%d" height="%d" fill="none" stroke="#888"/>`+"\n", marginLeft, y, plot, p.height)
	for i, v := range p.curves {
		v.legend(b, marginLeft+plot+14, float64(y+8+i*legendStep))
	}
}

// draw draws the line, in pieces where values are missing.
func (v curve) draw(b *strings.Builder, px, py func(float64) float64) {
	var path strings.Builder
	pen := false
	for i, value := range v.values {
		if math.IsNaN(value) {
			pen = false
			continue
		}
		x := px(float64(i) * v.step)
		switch {
		case !pen:
			fmt.Fprintf(&path, "M%.1f %.1f", x, py(value))
		case v.stairs:
			fmt.Fprintf(&path, "H%.1fV%.1f", x, py(value))
		default:
			fmt.Fprintf(&path, "L%.1f %.1f", x, py(value))
		}
		pen = true
	}
	if path.Len() == 0 {
		return
	}
	if v.filled {
		fmt.Fprintf(b, `<path d="%sV%.1fH%.1fZ" fill="%s" fill-opacity="0.25"/>`+"\n", path.String(), py(0), px(0), v.colour)
	}
	fmt.Fprintf(b, `<path d="%s" fill="none" stroke="%s" stroke-width="%.1f" stroke-dasharray="%s" stroke-linejoin="round"/>`+"\n",
		path.String(), v.colour, v.width, v.dash)
}

func (v curve) legend(b *strings.Builder, x, y float64) {
	if v.label == "" {
		return
	}
	fmt.Fprintf(b, `<path d="M%.1f %.1fh24" stroke="%s" stroke-width="%.1f" stroke-dasharray="%s"/>`+"\n", x, y, v.colour, max(v.width, 1.5), v.dash)
	text(b, x+32, y+4, "start", "", v.label)
}

// niceStep divides a range into at most so many parts of a round size.
func niceStep(span float64, parts int) float64 {
	raw := span / float64(max(parts, 1))
	power := math.Pow(10, math.Floor(math.Log10(raw)))
	for _, m := range []float64{1, 2, 2.5, 5, 10} {
		if m*power >= raw*(1-1e-9) {
			return m * power
		}
	}
	return 10 * power
}

// number is a value with as many decimals as its step needs.
func number(v, step float64) string {
	decimals := 0
	for s := step; math.Abs(s-math.Round(s)) > 1e-6 && decimals < 6; s *= 10 {
		decimals++
	}
	return fmt.Sprintf("%.*f", decimals, v)
}
