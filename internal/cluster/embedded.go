package cluster

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
)

// embedded is a NATS server in this process, reached without a socket.
type embedded struct {
	server *server.Server
	lock   *os.File
}

// startEmbedded starts a server that keeps its state in dir, which no other process may use meanwhile.
func startEmbedded(dir, name string, log *slog.Logger) (*embedded, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("cluster: the data folder cannot be made: %w", err)
	}
	lock, err := lockFile(filepath.Join(dir, "lock"))
	if errors.Is(err, ErrInUse) {
		return nil, fmt.Errorf("%w: %s; stop that process or choose another folder", err, dir)
	}
	if err != nil {
		return nil, fmt.Errorf("cluster: the data folder cannot be locked: %w", err)
	}
	s, err := server.NewServer(&server.Options{
		ServerName:             name,
		DontListen:             true,
		JetStream:              true,
		StoreDir:               dir,
		SyncInterval:           syncInterval,
		NoSigs:                 true,
		DisableJetStreamBanner: true,
	})
	if err != nil {
		lock.Close()
		return nil, fmt.Errorf("cluster: the server inside: %w", err)
	}
	s.SetLoggerV2(serverLog{log}, false, false, false)
	s.Start()
	e := &embedded{s, lock}
	if !s.ReadyForConnections(startTimeout) {
		e.close()
		return nil, fmt.Errorf("%w: the server inside has not started within %v; the data folder is %s", ErrUnavailable, startTimeout, dir)
	}
	if !s.JetStreamEnabled() {
		e.close()
		return nil, fmt.Errorf("%w: the server inside cannot use the data folder %s; see its messages in the log", ErrNoJetStream, dir)
	}
	return e, nil
}

func (e *embedded) option() nats.Option { return nats.InProcessServer(e.server) }

func (e *embedded) close() {
	e.server.Shutdown()
	e.server.WaitForShutdown()
	e.lock.Close()
}

// serverLog passes on what the server inside has to say.
type serverLog struct{ *slog.Logger }

func (l serverLog) Noticef(format string, v ...any) {
	l.Debug("nats: " + fmt.Sprintf(format, v...))
}
func (l serverLog) Warnf(format string, v ...any)  { l.Warn("nats: " + fmt.Sprintf(format, v...)) }
func (l serverLog) Errorf(format string, v ...any) { l.Error("nats: " + fmt.Sprintf(format, v...)) }
func (l serverLog) Fatalf(format string, v ...any) { l.Error("nats: " + fmt.Sprintf(format, v...)) }
func (l serverLog) Debugf(format string, v ...any) { l.Debug("nats: " + fmt.Sprintf(format, v...)) }
func (l serverLog) Tracef(string, ...any)          {}
