package rtmfp

import (
	"maps"
	"slices"
	"time"
)

// Close closes all sessions in order (a short wait for the acknowledgements), then
// the packet conn, and waits for the endpoint's goroutines.
func (e *Endpoint) Close() error {
	e.mu.Lock()
	if e.closed {
		e.mu.Unlock()
		<-e.shut
		return nil
	}
	e.closed = true
	for _, o := range e.openings {
		o.finish(nil, ErrClosed)
	}
	now := time.Now()
	for _, s := range slices.Collect(maps.Values(e.sessions)) {
		if s != nil {
			s.closeNear(now)
		}
	}
	drained := make(chan struct{})
	e.drained = drained
	e.wake()
	e.mu.Unlock()

	wait := time.NewTimer(endpointCloseWait)
	select {
	case <-drained:
	case <-wait.C:
	}
	wait.Stop()

	e.mu.Lock()
	e.endAll(ErrClosed)
	e.events.endpointClosed("closed")
	e.mu.Unlock()
	close(e.quit)
	err := e.conn.Close()
	e.wg.Wait()
	e.events.close()
	close(e.shut)
	return err
}

// endAll ends what is left. The caller holds mu.
func (e *Endpoint) endAll(err error) {
	for _, o := range e.openings {
		o.finish(nil, err)
	}
	for _, s := range slices.Collect(maps.Values(e.sessions)) {
		if s != nil {
			s.end(err)
			s.forget()
		}
	}
}

// broken ends the endpoint after its conn has failed.
func (e *Endpoint) broken(err error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.closed {
		return
	}
	e.log.Error("rtmfp: the packet conn failed", "error", err)
	e.closed = true
	e.endAll(ErrClosed)
	e.events.endpointClosed("the packet conn failed")
	close(e.quit)
	go func() {
		_ = e.conn.Close()
		e.wg.Wait()
		e.events.close()
		close(e.shut)
	}()
}
