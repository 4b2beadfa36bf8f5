// Report plays the congestion control cases of package rmcat and prints every figure with its mark, and whether it was met.
// It exits with 0 when the report was made, whatever it says, with 1 when a case could not be played, and with 2 for bad flags.
//
//	-case 5.1,loss   only these (all)
//	-seeds N         so many runs of each case, of which the worst counts (3)
//	-first N         seed of the first run, the others following (1)
//	-svg DIR         draw the first run of each case into DIR
//	-json            print JSON, one object a case, instead of the table
//	-list            print the names of the cases
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"sundog.dev/sundog/internal/rmcat"
)

// report is what is asked for and what was found.
type report struct {
	seeds     int
	first     uint64
	svg       string
	asJSON    bool
	scenarios []rmcat.Scenario
	figures   [][]map[rmcat.Figure]float64 // by scenario and seed

	mu  sync.Mutex
	err error
}

func main() {
	var r report
	cases := flag.String("case", "", "names of cases, separated by commas; empty: all")
	list := flag.Bool("list", false, "print the names of the cases")
	flag.IntVar(&r.seeds, "seeds", 3, "runs of each case, of which the worst counts")
	flag.Uint64Var(&r.first, "first", 1, "seed of the first run, the others following")
	flag.StringVar(&r.svg, "svg", "", "folder to draw the first run of each case into")
	flag.BoolVar(&r.asJSON, "json", false, "print JSON, one object a case")
	flag.Parse()
	var err error
	r.scenarios, err = choose(*cases)
	if err == nil && (flag.NArg() > 0 || r.seeds < 1) {
		err = fmt.Errorf("there are no arguments, and at least one seed")
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "report:", err)
		os.Exit(2)
	}
	if *list {
		for _, s := range r.scenarios {
			fmt.Printf("%-14s %s\n", s.Name, s.Title)
		}
		return
	}
	// Virtual clocks are to be had from package testing only; it ends the program.
	testing.Main(func(string, string) (bool, error) { return true, nil }, []testing.InternalTest{{Name: "report", F: r.run}}, nil, nil)
}

// choose finds the scenarios with the names.
func choose(names string) (chosen []rmcat.Scenario, err error) {
	all := rmcat.All()
	if names == "" {
		return all, nil
	}
	for _, name := range strings.Split(names, ",") {
		i := slices.IndexFunc(all, func(s rmcat.Scenario) bool { return s.Name == name })
		if i < 0 {
			return nil, fmt.Errorf("no case %q; -list names them", name)
		}
		chosen = append(chosen, all[i])
	}
	return chosen, nil
}

// run plays all runs, as many at a time as there are processors, and prints the report.
func (r *report) run(t *testing.T) {
	r.figures = make([][]map[rmcat.Figure]float64, len(r.scenarios))
	t.Run("cases", func(t *testing.T) {
		for i, s := range r.scenarios {
			r.figures[i] = make([]map[rmcat.Figure]float64, r.seeds)
			for k := range r.seeds {
				t.Run(s.Name, func(t *testing.T) {
					t.Parallel()
					r.keep(r.play(t, i, k))
				})
			}
		}
	})
	if r.err == nil {
		r.err = r.print(os.Stdout)
	}
	if r.err != nil {
		t.Error(r.err)
	}
	os.Stdout = os.Stderr // for testing's closing word
}

func (r *report) keep(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.err == nil {
		r.err = err
	}
}

// play plays one run, and draws it if it is the first.
func (r *report) play(t *testing.T, scenario, k int) error {
	var result *rmcat.Result
	var err error
	synctest.Test(t, func(*testing.T) { result, err = rmcat.Run(r.scenarios[scenario], r.first+uint64(k)) })
	if err != nil {
		return err
	}
	r.figures[scenario][k] = result.Figures()
	if r.svg == "" || k > 0 {
		return nil
	}
	if err := os.MkdirAll(r.svg, 0o755); err != nil {
		return err
	}
	f, err := os.Create(filepath.Join(r.svg, r.scenarios[scenario].Name+".svg"))
	if err != nil {
		return err
	}
	if err := result.WriteSVG(f); err != nil {
		_ = f.Close()
		return err
	}
	return f.Close()
}

// line is one figure of a case in the report.
type line struct {
	Figure rmcat.Figure `json:"figure"`
	Median float64      `json:"median"`
	Worst  float64      `json:"worst"`
	Mark   *float64     `json:"mark,omitempty"`
	Sense  rmcat.Sense  `json:"sense,omitempty"`
	Met    *bool        `json:"met,omitempty"`
}

// lines are the figures of a case over all seeds. The worst is judged.
func (r *report) lines(scenario int) (all []line) {
	worst := make(map[rmcat.Figure]float64)
	values := make(map[rmcat.Figure][]float64)
	for _, figures := range r.figures[scenario] {
		for f, v := range figures {
			if _, ok := worst[f]; !ok {
				worst[f] = v
			}
			worst[f] = f.Worse(worst[f], v)
			values[f] = append(values[f], v)
		}
	}
	for _, v := range rmcat.Judge(r.scenarios[scenario], worst) {
		l := line{Figure: v.Figure, Worst: v.Value}
		if all := values[v.Figure]; len(all) > 0 {
			slices.Sort(all)
			l.Median = all[len(all)/2]
		}
		if v.Mark != nil {
			l.Mark, l.Sense, l.Met = &v.Mark.Bound, v.Mark.Sense, &v.Met
		}
		all = append(all, l)
	}
	return all
}

func (r *report) print(w io.Writer) error {
	met, marks := 0, 0
	for i, s := range r.scenarios {
		lines := r.lines(i)
		if r.asJSON {
			if err := writeJSON(w, s, lines); err != nil {
				return err
			}
			continue
		}
		fmt.Fprintf(w, "%s  %s  (%s, %s)\n", s.Name, s.Title, s.Duration, runs(r.seeds))
		fmt.Fprintf(w, "    %-32s %12s %12s   %s\n", "", "median", "worst", "mark")
		for _, l := range lines {
			mark := ""
			if l.Mark != nil {
				word := "missed"
				marks++
				if *l.Met {
					word = "met"
					met++
				}
				mark = fmt.Sprintf("%s %-10s %s", l.Sense, l.Figure.Format(*l.Mark), word)
			}
			fmt.Fprintln(w, strings.TrimRight(fmt.Sprintf("    %-32s %12s %12s   %s", l.Figure, l.Figure.Format(l.Median), l.Figure.Format(l.Worst), mark), " "))
		}
		fmt.Fprintln(w)
	}
	if !r.asJSON {
		fmt.Fprintf(w, "%d of %d marks met in the worst run.\n", met, marks)
	}
	return nil
}

// writeJSON writes a case as one line. What never happened is a null.
func writeJSON(w io.Writer, s rmcat.Scenario, lines []line) error {
	type finite struct {
		line
		Median any `json:"median"`
		Worst  any `json:"worst"`
	}
	out := struct {
		Case    string   `json:"case"`
		Title   string   `json:"title"`
		Figures []finite `json:"figures"`
	}{Case: s.Name, Title: s.Title}
	for _, l := range lines {
		out.Figures = append(out.Figures, finite{l, orNull(l.Median), orNull(l.Worst)})
	}
	return json.NewEncoder(w).Encode(out)
}

func orNull(v float64) any {
	if _, err := json.Marshal(v); err != nil {
		return nil
	}
	return v
}

// runs says how many.
func runs(n int) string {
	if n == 1 {
		return "1 run"
	}
	return fmt.Sprintf("%d runs", n)
}
