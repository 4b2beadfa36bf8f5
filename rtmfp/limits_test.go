package rtmfp

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"testing"
)

// limits names, for each bound of params.go on what others can make us do, hold or wait for, the test that fails
// without it.
var limits = map[string]string{
	"amplification":       "TestAmplificationOnTheWire",
	"cookieLifetime":      "TestCookies",
	"openTimeout":         "TestIHelloSchedule",
	"confirmTimeout":      "TestUnconfirmedSessionsEnd",
	"pieceLifetime":       "TestPiecesAreForgotten",
	"endpointCloseWait":   "TestEndpointCloseWithDeadFarEnd",
	"nearCloseWait":       "TestCloseIsGivenUp",
	"mobilityLifetime":    "TestMobilityRepliesExpire",
	"acceptBacklog":       "TestSessionsThatNobodyAccepts",
	"pingRate":            "TestAFloodOfPings",
	"pingBurst":           "TestAFloodOfPings",
	"ackRate":             "TestAcknowledgementsCostNoMoreThanWhatIsReceived",
	"ackBurst":            "TestAcknowledgementsCostNoMoreThanWhatIsReceived",
	"ackShare":            "TestAcknowledgementsCostNoMoreThanWhatIsReceived",
	"maxDetours":          "TestDetoursAreBounded",
	"shortHelloRate":      "TestAmplificationOnTheWire",
	"shortHelloBurst":     "TestAmplificationOnTheWire",
	"sourceRate":          "TestStartupPacketsOfOneSource",
	"sourceBurst":         "TestStartupPacketsOfOneSource",
	"forwardRate":         "TestIntroductionsOfOneSession",
	"forwardBurst":        "TestIntroductionsOfOneSession",
	"mobilityPings":       "TestMobilityPingsAreFew",
	"directStays":         "TestWhoIsBackOnTheDirectWayStays",
	"silencePings":        "TestSilencePingsAreFew",
	"strangerEventRate":   "TestEventsOfAFloodAreBounded",
	"strangerEventBurst":  "TestEventsOfAFloodAreBounded",
	"maxTag":              "TestOversizedStartupFields",
	"maxEPD":              "TestOversizedStartupFields",
	"maxCookie":           "TestOversizedStartupFields",
	"maxCertificate":      "TestCertificateBeyondAllMeasure",
	"maxMetadata":         "TestFlowLimits",
	"maxMessage":          "TestFlowLimits",
	"maxSequence":         "TestUserDataThatIsMalformed",
	"maxPingMessage":      "TestPingsThatAreNotAnswered",
	"maxPendingReplies":   "TestPingsThatAreNotAnswered",
	"maxControlBytes":     "TestControlChunksAreBounded",
	"maxCandidates":       "TestRedirectIsBounded",
	"maxOpenings":         "TestOpeningsAreBounded",
	"maxHandshakeJobs":    "TestKeyAgreementsAreBounded",
	"maxSourceJobs":       "TestFloodOfIIKeyings",
	"maxUnconfirmed":      "TestFloodOfIIKeyings",
	"maxEarlyPackets":     "TestEarlyPacketsAreBounded",
	"maxPieces":           "TestPacketPieces",
	"maxPiecedPacket":     "TestPacketPieces",
	"maxIIKeyings":        "TestOtherResponderAfterSilence",
	"maxSessions":         "TestSessionsAreBounded",
	"maxSourceSessions":   "TestSessionsOfOneSourceAreBounded",
	"maxPathDatagram":     "TestPathMTUIsFound",
	"maxProbes":           "TestPathMTUIsFound",
	"maxConfirmations":    "TestLossIsNoBlackHole",
	"maxERTO":             "TestTimeoutsBackOff",
	"maxWindow":           "TestWindowHasABound",
	"maxSendFragments":    "TestSendQueueIsBounded",
	"maxAckedNumbers":     "TestRepeatedAcknowledgements",
	"defaultSendBuffer":   "TestSendQueueIsBounded",
	"maxSessionRecv":      "TestGreedySender",
	"maxParts":            "TestPartsBehindAGap",
	"maxRecvFlows":        "TestFlowLimits",
	"maxRecvFlowStates":   "TestFlowStatesAreBounded",
	"maxRecvRanges":       "TestGreedySender",
	"maxProbeInterval":    "TestBufferProbes",
	"maxReadErrors":       "TestBrokenConnEndsTheEndpoint",
	"maxFeedbackRuns":     "TestFeedbackFits",
	"maxSentLog":          "TestSentLog",
	"namedPerPacket":      "TestFeedbackNamesNoMoreThanWasSent",
	"maxHandshakeWorkers": "TestKeyAgreementsAreBounded",
	"maxConfirmPing":      "TestUnconfirmedSessionsEnd",
	"defaultTimeout":      "TestBufferProbes",
	"timestampLifetime":   "TestTimestampEcho",
	"shortPathBurst":      "TestBurstLimit",
	"eventQueue":          "TestSlowEventWriterHoldsNothingUp",
}

// notLimits look like limits by name and bound nothing that others do.
var notLimits = map[string]bool{
	"maxDatagram": true, "maxReference": true, "maxRate": true, "startRate": true, "minRate": true, "referenceRate": true,
}

// Every limit of params.go and params_congestion.go is in the table, and every test of the table exists.
func TestEveryLimitHasATest(t *testing.T) {
	looksLikeLimit := regexp.MustCompile(`^max[A-Z]|Rate$|Burst$|Lifetime$|Timeout$|Backlog$|Pings$|Queue$|Wait$`)
	constants, tests := map[string]bool{}, testFunctions(t)
	for _, name := range append(constantsOf(t, "params.go"), constantsOf(t, "params_congestion.go")...) {
		constants[name] = true
		if looksLikeLimit.MatchString(name) && limits[name] == "" && !notLimits[name] {
			t.Errorf("%s has no test", name)
		}
	}
	for name, test := range limits {
		if !constants[name] || !tests[test] {
			t.Errorf("%s: constant %v; %s: exists %v", name, constants[name], test, tests[test])
		}
	}
}

func constantsOf(t *testing.T, file string) (names []string) {
	f, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range f.Decls {
		if g, ok := d.(*ast.GenDecl); ok && g.Tok == token.CONST {
			for _, spec := range g.Specs {
				for _, n := range spec.(*ast.ValueSpec).Names {
					names = append(names, n.Name)
				}
			}
		}
	}
	return names
}

// testFunctions are the names of the package's tests and fuzz targets, and of those of the packages below it.
func testFunctions(t *testing.T) map[string]bool {
	names := map[string]bool{}
	declared := regexp.MustCompile(`(?m)^func ((?:Test|Fuzz|Example|Benchmark)\w*)\(`)
	for _, pattern := range []string{"*_test.go", "*/*_test.go", "internal/*/*_test.go"} {
		files, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			b, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range declared.FindAllSubmatch(b, -1) {
				names[string(m[1])] = true
			}
		}
	}
	return names
}
