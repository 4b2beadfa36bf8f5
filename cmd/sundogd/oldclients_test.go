package main

import "testing"

func TestOldClientsAreAdmittedWhenSaid(t *testing.T) {
	for _, tt := range []struct {
		value     string
		admitted  bool
		malformed bool
	}{
		{"", false, false},
		{"off", false, false},
		{"on", true, false},
		{"yes", false, true},
	} {
		t.Setenv(oldClientsVariable, tt.value)
		if got, err := oldClients(); got != tt.admitted || (err != nil) != tt.malformed {
			t.Errorf("%q: %v, %v", tt.value, got, err)
		}
	}
}
