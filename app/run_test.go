package app

import (
	"errors"
	"testing"
)

func TestOnlyTheLackOfAScreenIsToldAsSuch(t *testing.T) {
	for _, c := range []struct {
		panicked any
		want     error
	}{
		{errors.New("NotInitialized: The GLFW library is not initialized"), ErrNoScreen},
		{errors.New("index out of range"), nil},
		{"The GLFW library is not initialized", nil}, // not GLFW's kind of panic
	} {
		if got := screenError(c.panicked); !errors.Is(got, c.want) {
			t.Errorf("a panic with %v is told as %v", c.panicked, got)
		}
	}
}
