package xmpp

import (
	"bufio"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
)

// Errors of a stream that is no XMPP, or too much of it.
var (
	errRestricted = errors.New("it sends XML that XMPP forbids") // RFC 6120 §11.1
	errTooLarge   = errors.New("it sends more at once than we take")
	errMalformed  = errors.New("it sends what is no well-formed XML")
)

// elementReader reads a stream's header and then one element after the other. It refuses what RFC 6120 §11.1 forbids
// (comments, processing instructions, a document type, entities but the five predefined), elements larger than its bounds,
// and text between elements.
type elementReader struct {
	in *meteredReader
	d  *xml.Decoder
}

// newElementReader reads a new stream from where r stands; limit bounds each element in bytes.
func newElementReader(r *bufio.Reader, limit int) *elementReader {
	in := &meteredReader{r: r, limit: limit}
	return &elementReader{in: in, d: xml.NewDecoder(in)}
}

// meteredReader hands out bytes one by one, as many as are left for this element. Being an io.ByteReader it keeps
// the decoder from reading ahead.
type meteredReader struct {
	r     *bufio.Reader
	limit int
	left  int
}

func (m *meteredReader) ReadByte() (byte, error) {
	if m.left <= 0 {
		return 0, errTooLarge
	}
	m.left--
	return m.r.ReadByte()
}

func (m *meteredReader) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	b, err := m.ReadByte()
	if err != nil {
		return 0, err
	}
	p[0] = b
	return 1, nil
}

// header reads the XML declaration, if there is one, and the stream's opening tag.
func (r *elementReader) header() (xml.StartElement, error) {
	if err := r.skipSpace(); err != nil {
		return xml.StartElement{}, err
	}
	for first := true; ; first = false {
		token, err := r.d.Token()
		if err != nil {
			return xml.StartElement{}, readError(err)
		}
		switch token := token.(type) {
		case xml.StartElement:
			if token.Name.Space != nsStream || token.Name.Local != "stream" || len(token.Attr) > maxAttributes {
				return xml.StartElement{}, fmt.Errorf("%w: there is no stream header", errMalformed)
			}
			return token, nil
		case xml.ProcInst:
			if !first || token.Target != "xml" {
				return xml.StartElement{}, errRestricted
			}
		case xml.CharData:
			if !blank(token) {
				return xml.StartElement{}, errMalformed
			}
		default:
			return xml.StartElement{}, errRestricted
		}
	}
}

// next reads an element. io.EOF: the stream's closing tag has been read.
func (r *elementReader) next() (*element, error) {
	if err := r.skipSpace(); err != nil {
		return nil, err
	}
	token, err := r.d.Token()
	if err != nil {
		return nil, readError(err)
	}
	switch token := token.(type) {
	case xml.StartElement:
		count := 0
		return r.element(token, 1, &count)
	case xml.EndElement:
		return nil, io.EOF
	}
	return nil, errRestricted
}

// element reads the rest of an element whose opening tag has been read.
func (r *elementReader) element(start xml.StartElement, depth int, count *int) (*element, error) {
	if *count++; *count > maxElements || depth > maxDepth || len(start.Attr) > maxAttributes {
		return nil, errTooLarge
	}
	e := &element{space: start.Name.Space, name: start.Name.Local}
	for i, a := range start.Attr {
		for _, other := range start.Attr[:i] {
			if a.Name == other.Name { // encoding/xml lets it pass
				return nil, fmt.Errorf("%w: an attribute stands twice", errMalformed)
			}
		}
		if a.Name.Space == "" && a.Name.Local != "xmlns" {
			e.attrs = append(e.attrs, attribute{a.Name.Local, a.Value})
		}
	}
	var text []byte
	for {
		token, err := r.d.Token()
		if err != nil {
			return nil, readError(err)
		}
		switch token := token.(type) {
		case xml.StartElement:
			child, err := r.element(token, depth+1, count)
			if err != nil {
				return nil, err
			}
			e.children = append(e.children, child)
		case xml.EndElement:
			e.text = string(text)
			return e, nil
		case xml.CharData:
			text = append(text, token...)
		default:
			return nil, errRestricted
		}
	}
}

// skipSpace skips white space between elements, by which servers keep connections alive, and grants the next element
// its bytes.
func (r *elementReader) skipSpace() error {
	for {
		b, err := r.in.r.ReadByte()
		if err != nil {
			return readError(err)
		}
		switch {
		case b == '<':
			r.in.left = r.in.limit
			return r.in.r.UnreadByte()
		case !blank([]byte{b}):
			return fmt.Errorf("%w: text where an element should be", errMalformed)
		}
	}
}

func blank(b []byte) bool {
	for _, c := range b {
		if c != ' ' && c != '\t' && c != '\r' && c != '\n' {
			return false
		}
	}
	return true
}

// readError tells what is wrong with the XML from what is wrong with the connection.
func readError(err error) error {
	var syntax *xml.SyntaxError
	switch {
	case errors.As(err, &syntax):
		if syntax.Msg == "unexpected EOF" {
			return io.ErrUnexpectedEOF
		}
		return fmt.Errorf("%w: %s", errMalformed, shortened(syntax.Msg))
	case errors.Is(err, io.EOF):
		return io.ErrUnexpectedEOF // the stream has no closing tag
	}
	return err
}
