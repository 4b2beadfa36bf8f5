package rtmfp

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"runtime"
	"sync"
	"time"

	"sundog.dev/sundog/internal/source"
)

// Endpoint is one RTMFP endpoint: an identity on a packet conn, with its sessions.
//
// It owns these goroutines, all ended by Close: a reader of the packet conn, the run loop, workers for key
// agreements and, where that is on, the event log's. All protocol state, of its sessions and flows too, is guarded by mu. The reader handles a batch of
// packets under mu. Then it, and the run loop for alarms and what users want, drive the endpoint: they take turns, see under
// mu to what is due, and write what is to be sent when they have left mu. Methods that the user calls change state under mu and
// wake the run loop. Nobody waits for anything while holding mu.
type Endpoint struct {
	conn            PacketConn
	io              batchConn // detours
	detours         *detours  // conn, and what there is beside it
	crypto          CryptoProfile
	near            Certificate // our own, parsed
	nearFingerprint [32]byte
	intro           Introducer
	onward          func(epd []byte, from netip.AddrPort) []Address // Config.Redirect
	log             *slog.Logger
	events          *eventLog // nil: off
	local           netip.AddrPort
	epoch           time.Time // origin of timestamps

	recvBudget, recvCapacity               int // what may be unread in a session, and in a flow
	recvFlowStates, recvRanges, recvPieces int // as maxRecvFlowStates, maxRecvRanges and maxPieces in a session

	unfragmented bool // packets are never fragmented below us

	kick     chan struct{} // capacity 1: something became due
	quit     chan struct{} // closed when the goroutines are to end
	jobs     chan func()
	accepted chan *Session
	wg       sync.WaitGroup
	shut     chan struct{} // closed when Close has finished

	turn    sync.Mutex // held by whoever drives; taken before mu
	written *outgoing  // guarded by turn, like the two that follow
	timer   *time.Timer
	armed   time.Time // for when the timer is set; zero: never was

	fragments fragmentBuffers

	mu            sync.Mutex
	driving       bool      // somebody drives, and will write what is in out
	out           *outgoing // the batch that goes next
	opened        []byte    // the packet that is being handled
	rx            arrival   // and how it came
	closed        bool
	defaultCipher PacketCipher
	cookies       *cookieJar
	sessions      map[uint32]*Session // by near session ID; nil: the ID is reserved
	keying        map[uint32]*opening // in S_KEYING_SENT, by near session ID
	byEPD         map[string]*Session // open and confirmed, by the far end's canonical EPD
	openings      map[[tagSize]byte]*opening
	openingsByEPD map[string]*opening
	answered      map[answerKey]*Session // whom a repeated IIKeying belongs to
	answering     map[answerKey]bool     // in a worker
	unconfirmed   []*Session             // oldest first
	bySource      map[netip.Prefix]int   // sessions that far ends opened, by source network
	closing       int                    // sessions in S_NEARCLOSE
	drained       chan struct{}          // by Close's wish closed when closing is 0 and what there was to say has been sent
	alarms        alarmWheel
	dirty         []*Session // have something to send
	plain         []byte     // the packet being sent
	shortHellos   source.Bucket
	sources       sourceLimiter
	pieces        packetPieces
	shared        sharedPacer
	tcSent        time.Time    // when a time-critical packet was last sent in any session
	tcReceived    [2]tcArrival // the last of two different sessions, newest first
}

// tcArrival is when a session last received a time-critical packet.
type tcArrival struct {
	s  *Session
	at time.Time
}

// Certificate is the endpoint's own certificate.
func (e *Endpoint) Certificate() Certificate { return e.near }

// NewEndpoint starts an endpoint on conn and owns conn from then on. ErrTooLarge if the identity's certificate does not
// fit a startup packet.
func NewEndpoint(conn PacketConn, cfg Config) (*Endpoint, error) {
	if cfg.Crypto == nil {
		return nil, errors.New("rtmfp: no CryptoProfile")
	}
	if len(cfg.Crypto.Certificate()) > maxCertificate {
		return nil, ErrTooLarge
	}
	own, err := cfg.Crypto.ParseCertificate(cfg.Crypto.Certificate())
	if err != nil {
		return nil, fmt.Errorf("rtmfp: the identity's own certificate: %w", err)
	}
	now := time.Now()
	e := &Endpoint{
		conn:            conn,
		detours:         newDetours(newBatchConn(conn)),
		crypto:          cfg.Crypto,
		near:            own,
		nearFingerprint: own.Fingerprint(),
		intro:           cfg.Introducer,
		onward:          cfg.Redirect,
		log:             cfg.Log,
		events:          newEventLog(cfg.Events),
		local:           localAddr(conn),
		epoch:           now,
		out:             new(outgoing),
		written:         new(outgoing),
		timer:           time.NewTimer(time.Hour),
		kick:            make(chan struct{}, 1),
		quit:            make(chan struct{}),
		jobs:            make(chan func(), maxHandshakeJobs),
		accepted:        make(chan *Session, acceptBacklog),
		shut:            make(chan struct{}),
		defaultCipher:   cfg.Crypto.DefaultCipher(),
		cookies:         newCookieJar(now),
		sessions:        make(map[uint32]*Session),
		keying:          make(map[uint32]*opening),
		byEPD:           make(map[string]*Session),
		openings:        make(map[[tagSize]byte]*opening),
		openingsByEPD:   make(map[string]*opening),
		answered:        make(map[answerKey]*Session),
		answering:       make(map[answerKey]bool),
		bySource:        make(map[netip.Prefix]int),
	}
	if e.log == nil {
		e.log = slog.New(slog.DiscardHandler)
	}
	e.boundSessions(cfg.SessionBuffer)
	e.io = e.detours
	e.unfragmented = dontFragment(conn) || dontFragment(e.detours.batchConn)
	e.sources.init()
	e.alarms.init(now)
	e.events.endpointStarted(e, now)
	workers := min(maxHandshakeWorkers, runtime.GOMAXPROCS(0))
	e.wg.Add(2 + workers)
	go e.read()
	go e.run()
	for range workers {
		go e.work()
	}
	return e, nil
}

// boundSessions bounds what the far end of a session can make us hold, by Config.SessionBuffer.
func (e *Endpoint) boundSessions(buffer int) {
	e.recvBudget = maxSessionRecv
	if buffer > 0 {
		e.recvBudget = min(buffer, maxSessionRecv)
	}
	e.recvCapacity = min(recvCapacity, e.recvBudget/2)
	e.recvFlowStates = min(maxRecvFlowStates, max(e.recvBudget/flowStateBuffer, 1))
	e.recvRanges = min(maxRecvRanges, max(e.recvBudget/flowStateBuffer, 1))
	e.recvPieces = min(maxPieces, max(e.recvBudget/(2*maxPiecedPacket), 1))
}

func localAddr(conn PacketConn) netip.AddrPort {
	switch a := conn.LocalAddr().(type) {
	case *net.UDPAddr:
		ap := a.AddrPort()
		return netip.AddrPortFrom(ap.Addr().Unmap(), ap.Port())
	case interface{ AddrPort() netip.AddrPort }:
		return a.AddrPort()
	case nil:
		return netip.AddrPort{}
	default:
		ap, _ := netip.ParseAddrPort(a.String())
		return ap
	}
}

// LocalAddr is the address of the packet conn.
func (e *Endpoint) LocalAddr() netip.AddrPort { return e.local }

// Accept returns the next session that a far end has opened and that no Dial
// has returned. The backlog is bounded; sessions beyond it are closed. Its error is ctx's, or ErrClosed after Close.
func (e *Endpoint) Accept(ctx context.Context) (*Session, error) {
	for {
		select {
		case <-e.quit:
			return nil, ErrClosed
		default:
		}
		select {
		case s := <-e.accepted:
			if s.takeAccepted() {
				return s, nil
			}
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-e.quit:
			return nil, ErrClosed
		}
	}
}

// work is a worker goroutine: it does key agreements.
func (e *Endpoint) work() {
	defer e.wg.Done()
	for {
		select {
		case job := <-e.jobs:
			job()
		case <-e.quit:
			return
		}
	}
}

// post gives a job to the workers; false if too many wait.
func (e *Endpoint) post(job func()) bool {
	select {
	case e.jobs <- job:
		return true
	default:
		return false
	}
}

// newID reserves a near session ID; 0 if there are too many sessions.
func (e *Endpoint) newID() uint32 {
	if len(e.sessions)+len(e.keying) >= maxSessions {
		return 0
	}
	for {
		var b [4]byte
		rand.Read(b[:])
		id := binary.BigEndian.Uint32(b[:])
		_, taken := e.sessions[id]
		if id != 0 && !taken && e.keying[id] == nil {
			e.sessions[id] = nil
			return id
		}
	}
}
