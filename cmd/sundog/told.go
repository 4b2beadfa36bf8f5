package main

import (
	"unicode"
	"unicode/utf8"
)

// told makes an error's text a whole sentence for a window: it begins with a capital letter and ends with a full stop.
func told(err error) error {
	if err == nil {
		return nil
	}
	text := err.Error()
	first, size := utf8.DecodeRuneInString(text)
	text = string(unicode.ToUpper(first)) + text[size:]
	if last, _ := utf8.DecodeLastRuneInString(text); !unicode.IsPunct(last) || last == ')' || last == '"' {
		text += "."
	}
	return toldError{text, err}
}

type toldError struct {
	text  string
	cause error
}

func (e toldError) Error() string { return e.text }
func (e toldError) Unwrap() error { return e.cause }
