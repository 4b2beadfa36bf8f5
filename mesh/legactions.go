package mesh

// do carries out what the table says.
func (g *leg) do(actions []action, in input) {
	for _, a := range actions {
		switch a {
		case doResolve:
			g.startResolve()
		case doPublish:
			g.publish()
		case doReach:
			g.reach()
		case doReopen:
			g.openPath()
		case doPlay:
			g.startPlay()
		case doReceive:
			g.receive()
		case doOpenMedia:
			g.call.openMedia()
		case doBecomeCallee:
			g.stopStreams()
			g.private = in.sig.room
		case doNoteRinging:
			s := g.Status()
			s.Detail = DetailRinging
			g.setStatus(s)
		case doKeyFrame:
			g.freshPictures()
		case doTellInvite:
			g.tellInvite()
		case doTellRinging:
			g.tell(signal{kind: sigRinging})
		case doTellAccept:
			g.tell(signal{kind: sigAccept})
		case doTellReject:
			g.tell(signal{kind: sigReject, reason: wireReason(g.m.reason, in.trouble)})
		case doTellCancel:
			g.tell(signal{kind: sigCancel})
		case doTellBye:
			g.tell(g.bye(wireReason(g.m.reason, in.trouble)))
		case doTellOK:
			g.tell(signal{kind: sigOK})
		case doTellResume:
			if g.m.role == caller && !g.invited && !g.joins {
				g.tellInvite() // set up by relay, as if with an old client: the far end does not know the call's ID
			}
			g.tell(signal{kind: sigResume})
		case doTellJoin:
			g.tellJoin()
		}
	}
}
