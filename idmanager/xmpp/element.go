package xmpp

import "strings"

// element is an XML element with all that is in it. Attributes in a namespace are left out, xml:lang among them: nothing
// that we read has one.
type element struct {
	space, name string
	attrs       []attribute
	text        string // all its character data, without that of its children
	children    []*element
}

type attribute struct{ name, value string }

// el makes an element; attrs are names and values by turns. Those with an empty value are left out.
func el(space, name string, attrs ...string) *element {
	e := &element{space: space, name: name}
	for i := 0; i+1 < len(attrs); i += 2 {
		if attrs[i+1] != "" {
			e.attrs = append(e.attrs, attribute{attrs[i], attrs[i+1]})
		}
	}
	return e
}

// add appends children and returns the element.
func (e *element) add(children ...*element) *element {
	e.children = append(e.children, children...)
	return e
}

// say sets the text and returns the element.
func (e *element) say(text string) *element {
	e.text = text
	return e
}

// is reports whether the element has that name. It may be nil.
func (e *element) is(space, name string) bool { return e != nil && e.space == space && e.name == name }

// attr is an attribute's value, or empty. The element may be nil.
func (e *element) attr(name string) string {
	if e != nil {
		for _, a := range e.attrs {
			if a.name == name {
				return a.value
			}
		}
	}
	return ""
}

// child is the first child of that name, or nil. The element may be nil.
func (e *element) child(space, name string) *element {
	if e != nil {
		for _, c := range e.children {
			if c.is(space, name) {
				return c
			}
		}
	}
	return nil
}

// words is the text without the space around it. The element may be nil.
func (e *element) words() string {
	if e == nil {
		return ""
	}
	return strings.TrimSpace(e.text)
}

// bytes is the element as it stands in a stream whose default namespace is space.
func (e *element) bytes(space string) []byte { return e.append(nil, space) }

func (e *element) append(b []byte, space string) []byte {
	b = append(append(b, '<'), e.name...)
	if e.space != space {
		b = appendAttribute(b, "xmlns", e.space)
	}
	for _, a := range e.attrs {
		b = appendAttribute(b, a.name, a.value)
	}
	if e.text == "" && len(e.children) == 0 {
		return append(b, "/>"...)
	}
	b = appendEscaped(append(b, '>'), e.text)
	for _, c := range e.children {
		b = c.append(b, e.space)
	}
	return append(append(append(b, "</"...), e.name...), '>')
}

func appendAttribute(b []byte, name, value string) []byte {
	b = append(append(append(b, ' '), name...), "='"...)
	return append(appendEscaped(b, value), '\'')
}

// appendEscaped writes character data; characters that XML cannot hold become U+FFFD.
func appendEscaped(b []byte, s string) []byte {
	for _, r := range s {
		switch {
		case r == '&':
			b = append(b, "&amp;"...)
		case r == '<':
			b = append(b, "&lt;"...)
		case r == '>':
			b = append(b, "&gt;"...)
		case r == '\'':
			b = append(b, "&apos;"...)
		case r == '"':
			b = append(b, "&quot;"...)
		case r == '\t' || r == '\n' || r == '\r':
			b = append(b, "&#"...)
			b = append(b, [...]string{'\t': "9", '\n': "10", '\r': "13"}[r]...)
			b = append(b, ';')
		case r < ' ' || r == 0xFFFE || r == 0xFFFF:
			b = append(b, "\uFFFD"...)
		default:
			b = append(b, string(r)...)
		}
	}
	return b
}
