package lan

import (
	"errors"
	"net/netip"
	"strings"
	"time"

	"golang.org/x/net/dns/dnsmessage"
)

// topBit of a record's class says "flush the cache" (RFC 6762 §10.2), that of a question's "unicast if you can" (§5.4).
const topBit = 1 << 15

// message is a multicast DNS message, as far as it matters to us. Names are in lower case.
type message struct {
	response  bool
	truncated bool // more known answers follow (RFC 6762 §7.2)
	questions []question
	// answers are the answers and additional records of a response, the known answers of a query; claims are the
	// authority records of a query: what somebody probes for (§8.2).
	answers, claims []record
}

type question struct {
	name string
	kind dnsmessage.Type
}

// record is a resource record of one of the types that we use.
type record struct {
	name   string
	kind   dnsmessage.Type
	flush  bool
	ttl    time.Duration
	target string // PTR, SRV
	port   uint16 // SRV
	txt    []string
	addr   netip.Addr // A, AAAA
}

var errMessage = errors.New("lan: not a multicast DNS message")

// parseMessage reads a packet. Records of other types, and those beyond maxRecords, are left out.
func parseMessage(packet []byte) (message, error) {
	var p dnsmessage.Parser
	h, err := p.Start(packet)
	if err != nil {
		return message{}, err
	}
	// RFC 6762 §18.3 and §18.11: other operations and errors are silently ignored.
	if h.OpCode != 0 || h.RCode != 0 {
		return message{}, errMessage
	}
	m := message{response: h.Response, truncated: h.Truncated}
	for {
		q, err := p.Question()
		if errors.Is(err, dnsmessage.ErrSectionDone) {
			break
		}
		if err != nil {
			return message{}, err
		}
		if class := q.Class &^ topBit; len(m.questions) < maxRecords && (class == dnsmessage.ClassINET || class == dnsmessage.ClassANY) {
			m.questions = append(m.questions, question{name: lower(q.Name), kind: q.Type})
		}
	}
	left := maxRecords
	if m.answers, err = parseSection(&p, &left, p.AnswerHeader, p.SkipAnswer); err != nil {
		return message{}, err
	}
	if m.claims, err = parseSection(&p, &left, p.AuthorityHeader, p.SkipAuthority); err != nil {
		return message{}, err
	}
	more, err := parseSection(&p, &left, p.AdditionalHeader, p.SkipAdditional)
	if err != nil {
		return message{}, err
	}
	if m.response {
		m.answers = append(m.answers, more...)
	}
	return m, nil
}

// parseSection reads the records of a section.
func parseSection(p *dnsmessage.Parser, left *int, header func() (dnsmessage.ResourceHeader, error), skip func() error) ([]record, error) {
	var all []record
	for {
		h, err := header()
		if errors.Is(err, dnsmessage.ErrSectionDone) {
			return all, nil
		}
		if err != nil {
			return nil, err
		}
		if *left--; *left < 0 {
			return all, nil
		}
		r := record{name: lower(h.Name), kind: h.Type, flush: h.Class&topBit != 0, ttl: time.Duration(h.TTL) * time.Second}
		known, err := r.parseData(p)
		if err != nil {
			return nil, err
		}
		switch {
		case !known:
			if err := skip(); err != nil {
				return nil, err
			}
		case h.Class&^topBit == dnsmessage.ClassINET:
			all = append(all, r)
		}
	}
}

// parseData reads the data of the types that we use.
func (r *record) parseData(p *dnsmessage.Parser) (known bool, err error) {
	switch r.kind {
	case dnsmessage.TypePTR:
		data, err := p.PTRResource()
		r.target = lower(data.PTR)
		return true, err
	case dnsmessage.TypeSRV:
		data, err := p.SRVResource()
		r.target, r.port = lower(data.Target), data.Port
		return true, err
	case dnsmessage.TypeTXT:
		data, err := p.TXTResource()
		r.txt = data.TXT
		return true, err
	case dnsmessage.TypeA:
		data, err := p.AResource()
		r.addr = netip.AddrFrom4(data.A)
		return true, err
	case dnsmessage.TypeAAAA:
		data, err := p.AAAAResource()
		r.addr = netip.AddrFrom16(data.AAAA).Unmap()
		return true, err
	}
	return false, nil
}

// lower is a name with the letters of ASCII in lower case: the others are compared as they are (RFC 6762 §16).
func lower(n dnsmessage.Name) string {
	b := n.Data[:n.Length]
	for i, c := range b {
		if 'A' <= c && c <= 'Z' {
			b[i] = c + 'a' - 'A'
		}
	}
	return string(b)
}

// pack writes the message. Names that do not fit DNS are errors.
func (m message) pack() ([]byte, error) {
	h := dnsmessage.Header{Response: m.response, Authoritative: m.response, Truncated: m.truncated} // RFC 6762 §18: the ID is 0
	b := dnsmessage.NewBuilder(make([]byte, 0, ownPacket), h)
	b.EnableCompression()
	if err := b.StartQuestions(); err != nil {
		return nil, err
	}
	for _, q := range m.questions {
		name, err := dnsmessage.NewName(q.name)
		if err != nil {
			return nil, err
		}
		if err := b.Question(dnsmessage.Question{Name: name, Type: q.kind, Class: dnsmessage.ClassINET}); err != nil {
			return nil, err
		}
	}
	if err := b.StartAnswers(); err != nil {
		return nil, err
	}
	for _, r := range m.answers {
		if err := r.pack(&b); err != nil {
			return nil, err
		}
	}
	if err := b.StartAuthorities(); err != nil {
		return nil, err
	}
	for _, r := range m.claims {
		if err := r.pack(&b); err != nil {
			return nil, err
		}
	}
	return b.Finish()
}

func (r record) pack(b *dnsmessage.Builder) error {
	name, err := dnsmessage.NewName(r.name)
	if err != nil {
		return err
	}
	h := dnsmessage.ResourceHeader{Name: name, Type: r.kind, Class: dnsmessage.ClassINET, TTL: uint32(r.ttl / time.Second)}
	if r.flush {
		h.Class |= topBit
	}
	switch r.kind {
	case dnsmessage.TypePTR:
		target, err := dnsmessage.NewName(r.target)
		if err != nil {
			return err
		}
		return b.PTRResource(h, dnsmessage.PTRResource{PTR: target})
	case dnsmessage.TypeSRV:
		target, err := dnsmessage.NewName(r.target)
		if err != nil {
			return err
		}
		return b.SRVResource(h, dnsmessage.SRVResource{Target: target, Port: r.port})
	case dnsmessage.TypeTXT:
		return b.TXTResource(h, dnsmessage.TXTResource{TXT: r.txt})
	case dnsmessage.TypeA:
		return b.AResource(h, dnsmessage.AResource{A: r.addr.As4()})
	default:
		return b.AAAAResource(h, dnsmessage.AAAAResource{AAAA: r.addr.As16()})
	}
}

// instanceOf is the instance's label of a name of our service type, or nothing.
func instanceOf(name string) (string, bool) {
	label, ok := strings.CutSuffix(name, "."+serviceType)
	return label, ok && label != "" && !strings.Contains(label, ".")
}
