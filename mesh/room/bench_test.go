package room

import "testing"

// BenchmarkJudge draws the conclusions of a room of nine, as each change makes necessary.
func BenchmarkJudge(b *testing.B) {
	h := newHall(b, 9)
	for n := byte(2); n <= 9; n++ {
		h.come(n, n-1)
	}
	b.ReportAllocs()
	for b.Loop() {
		if len(h.phone(1).store.judge().members) != 9 {
			b.Fatal("not nine")
		}
	}
}

// BenchmarkMergeNews takes the record of somebody whom another has let in: four signatures.
func BenchmarkMergeNews(b *testing.B) {
	h := newHall(b, 9)
	h.come(2, 1)
	raw := h.phone(1).store.records[testIdentity(2)].encode()
	memory := verifySignature
	verifySignature = Identity.Verify
	b.Cleanup(func() { verifySignature = memory })
	b.ReportAllocs()
	for b.Loop() {
		s := newStore(h.phone(1).store.room)
		if _, news, err := s.mergeRecord(raw); !news || err != nil {
			b.Fatal(err)
		}
	}
}
