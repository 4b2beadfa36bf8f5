package trust

import "testing"

func TestWhatAProvedIdentityMeans(t *testing.T) {
	ada := &Acquaintance{Name: "Ada", Identity: testIdentity(1)}
	adaVerified := &Acquaintance{Name: "Ada", Identity: testIdentity(1), Verified: start}
	bob := &Acquaintance{Name: "Bob", Identity: testIdentity(2)}
	eve := &Acquaintance{Name: "Eve"} // added by name, never met
	for name, c := range map[string]struct {
		proved       Identity
		owner, named *Acquaintance
		called       bool
		want         Standing
		who          *Acquaintance
	}{
		"nobody known calls":                           {testIdentity(9), nil, nil, false, Stranger, nil},
		"nobody known is called by a link":             {testIdentity(9), nil, nil, true, Stranger, nil},
		"a contact met for the first time":             {testIdentity(9), nil, eve, true, FirstSeen, eve},
		"a contact who calls for the first time":       {testIdentity(9), nil, eve, false, FirstSeen, eve},
		"the same as last time":                        {testIdentity(1), ada, ada, true, Known, ada},
		"the same, verified":                           {testIdentity(1), adaVerified, adaVerified, false, Verified, adaVerified},
		"found by name only":                           {testIdentity(1), nil, ada, false, Known, ada},
		"found by name only, verified":                 {testIdentity(1), nil, adaVerified, true, Verified, adaVerified},
		"another key answers for a contact":            {testIdentity(9), nil, ada, true, Changed, ada},
		"another key answers for a verified one":       {testIdentity(9), nil, adaVerified, true, Changed, adaVerified},
		"one contact answers in place of another":      {testIdentity(2), bob, ada, true, Changed, ada},
		"somebody calls under a contact's name":        {testIdentity(9), nil, ada, false, Changed, ada},
		"a contact calls under a name of their own":    {testIdentity(1), ada, nil, false, Known, ada},
		"a contact calls under another contact's name": {testIdentity(1), ada, bob, false, Known, ada},
		"a known person is called by a new name":       {testIdentity(1), adaVerified, eve, true, Verified, adaVerified},
		"an owner who is none":                         {testIdentity(9), ada, nil, false, Stranger, nil},
	} {
		if got, who := Judge(c.proved, c.owner, c.named, c.called); got != c.want || who != c.who {
			t.Errorf("%s: %v %v, want %v", name, got, who, c.want)
		}
	}
}

func TestAnotherIdentityIsNotVerified(t *testing.T) {
	a := Acquaintance{Name: "Ada", Identity: testIdentity(1)}.Confirm(start)
	if b := a.Confirm(start.Add(1)); !b.Verified.Equal(start) {
		t.Errorf("verified since %v", b.Verified)
	}
	if b := a.Replace(testIdentity(1)); b != a {
		t.Errorf("the same identity: %+v", b)
	}
	if b := a.Replace(testIdentity(2)); !b.Verified.IsZero() || b.Identity != testIdentity(2) || b.Name != "Ada" {
		t.Errorf("another: %+v", b)
	}
}
