package middle

import (
	"encoding/xml"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"sundog.dev/sundog/rtmfp/flashcrypto"
)

// withdrawn is the identity with which a phone takes its name off a reg.cgi.
const withdrawn = "0"

// ServeHTTP is his directory: a reg.cgi, which takes what phones register, and answers with his faces' peer IDs. Of anything
// newer, where records are signed, he says that there is none.
func (m *Middle) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path != "/reg.cgi" {
		http.NotFound(w, r)
		return
	}
	var b strings.Builder
	b.WriteString("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<result>\n")
	query := r.URL.Query()
	if name, identity := query.Get("username"), query.Get("identity"); name != "" && identity != "" {
		fmt.Fprintf(&b, "<update>%v</update>\n", m.registered(name, identity))
	}
	for _, name := range query["friends"] {
		b.WriteString("<friend><user>")
		_ = xml.EscapeText(&b, []byte(name)) // a builder takes everything
		b.WriteString("</user>")
		id, err := m.Show(name)
		switch {
		case err == nil:
			fmt.Fprintf(&b, "<identity>%s</identity>", id)
		case !errors.Is(err, ErrNobody):
			m.log.Error("no face", "of", name, "error", err)
		}
		b.WriteString("</friend>\n")
	}
	b.WriteString("</result>\n")
	w.Header().Set("Content-Type", "text/plain")
	_, _ = w.Write([]byte(b.String()))
}

// registered takes a registration.
func (m *Middle) registered(name, identity string) bool {
	if identity == withdrawn {
		m.mu.Lock()
		defer m.mu.Unlock()
		if p := m.phones[fold(name)]; p != nil {
			p.away = true
		}
		return true
	}
	id, err := flashcrypto.ParseFingerprint(identity)
	if err != nil {
		return false
	}
	m.Register(name, id)
	return true
}
