package main

import (
	"encoding/json"
	"math"
	"strings"
	"testing"

	"sundog.dev/sundog/internal/rmcat"
)

// made is a report of three runs of a case with two marks.
func made() *report {
	return &report{
		seeds: 3,
		scenarios: []rmcat.Scenario{{Name: "made", Title: "Made up", Marks: []rmcat.Mark{
			{Figure: rmcat.Use, Sense: rmcat.AtLeast, Bound: 0.85}, {Figure: rmcat.MessageP99, Sense: rmcat.AtMost, Bound: 0.08},
		}}},
		figures: [][]map[rmcat.Figure]float64{{
			{rmcat.Use: 0.95, rmcat.MessageP99: 0.050, rmcat.Loss: 0.01},
			{rmcat.Use: 0.99, rmcat.MessageP99: 0.060, rmcat.Loss: 0},
			{rmcat.Use: 0.90, rmcat.MessageP99: math.Inf(1), rmcat.Loss: 0.02},
		}},
	}
}

func TestTheWorstRunIsJudged(t *testing.T) {
	var b strings.Builder
	if err := made().print(&b); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"made  Made up", "95 %         90 %   ≥ 85 %       met", "60 ms        never   ≤ 80 ms      missed", "1.00 %       2.00 %", "1 of 2 marks met"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("it does not say %q:\n%s", want, b.String())
		}
	}
}

func TestJSONHoldsWhatNeverHappened(t *testing.T) {
	r := made()
	r.asJSON = true
	var b strings.Builder
	if err := r.print(&b); err != nil {
		t.Fatal(err)
	}
	var got struct {
		Case    string
		Figures []struct {
			Figure string
			Worst  *float64
			Met    *bool
		}
	}
	if err := json.Unmarshal([]byte(b.String()), &got); err != nil {
		t.Fatal(err)
	}
	if got.Case != "made" || len(got.Figures) != 3 || *got.Figures[0].Worst != 0.90 || !*got.Figures[0].Met ||
		got.Figures[1].Met != nil || got.Figures[2].Worst != nil || *got.Figures[2].Met {
		t.Errorf("written: %s", b.String())
	}
}

func TestChoose(t *testing.T) {
	if all, err := choose(""); err != nil || len(all) != len(rmcat.All()) {
		t.Errorf("no name chooses %d: %v", len(all), err)
	}
	if two, err := choose("5.4,loss"); err != nil || len(two) != 2 || two[1].Name != "loss" {
		t.Errorf("two names choose %v: %v", two, err)
	}
	if _, err := choose("5.9"); err == nil {
		t.Error("an unknown case is no error")
	}
}
