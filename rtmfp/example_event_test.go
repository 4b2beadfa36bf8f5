package rtmfp_test

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"

	"sundog.dev/sundog/rtmfp"
)

// An event log is read line by line. This shows what became of each session; cmd/sundogd and the phones write such a log to
// the file that SUNDOG_RTMFP_EVENTS names.
func ExampleEvent() {
	log := strings.NewReader(`
{"time":"2026-05-04T10:00:00.01Z","event":"opening_started","opening":"0123456789abcdef","epd":"rtmfp://192.0.2.1/app"}
{"time":"2026-05-04T10:00:00.01Z","event":"ihello_sent","opening":"0123456789abcdef","addr":"192.0.2.1:1935","attempt":1}
{"time":"2026-05-04T10:00:01.01Z","event":"ihello_sent","opening":"0123456789abcdef","addr":"192.0.2.1:1935","attempt":2}
{"time":"2026-05-04T10:00:01.10Z","event":"session_up","session":7,"addr":"192.0.2.1:1935","initiator":true}
{"time":"2026-05-04T10:00:01.10Z","event":"opening_ended","opening":"0123456789abcdef","session":7}
{"time":"2026-05-04T10:02:31.10Z","event":"session_closed","session":7,"reason":"rtmfp: the far end is silent","age_ms":150000,"path":{"rtt_ms":41.5,"packets_sent":200,"packets_lost":9}}
`)
	attempts := map[string]int{} // of each opening
	for lines := json.NewDecoder(log); lines.More(); {
		var ev rtmfp.Event
		if err := lines.Decode(&ev); err != nil {
			fmt.Fprintln(os.Stderr, err)
			return
		}
		switch ev.Kind {
		case rtmfp.EventIHelloSent:
			attempts[ev.Opening] = max(attempts[ev.Opening], ev.Attempt)
		case rtmfp.EventOpeningEnded:
			fmt.Printf("session %d came about after %d IHellos\n", ev.Session, attempts[ev.Opening])
		case rtmfp.EventSessionClosed:
			fmt.Printf("session %d ended after %d s: %s; round trip %v ms, %d of %d packets lost\n",
				ev.Session, ev.AgeMS/1000, ev.Reason, ev.Path.RTT, ev.Path.PacketsLost, ev.Path.PacketsSent)
		}
	}
	// Output:
	// session 7 came about after 2 IHellos
	// session 7 ended after 150 s: rtmfp: the far end is silent; round trip 41.5 ms, 9 of 200 packets lost
}
