package camera

import (
	"context"
	"fmt"
	"sort"
	"strings"
	"sync"
	"time"

	"github.com/pion/mediadevices/pkg/driver"
	"github.com/pion/mediadevices/pkg/driver/camera"
	"github.com/pion/mediadevices/pkg/driver/screen"
)

// drivers guards the registry of mediadevices, which enumeration fills anew.
var drivers sync.Mutex

// Devices lists the cameras that are there now, the preferred one first.
func Devices() ([]Device, error) {
	found, err := enumerate(driver.Camera, camera.Initialize)
	if err != nil {
		return nil, err
	}
	list := make([]Device, len(found))
	for i, d := range found {
		list[i] = Device{ID: stableID(d.Info()), Label: label(d.Info())}
	}
	return list, nil
}

// enumerate asks the operating system for devices of one type. Drivers may panic or hang there; both become errors.
func enumerate(kind driver.DeviceType, initialize func()) ([]driver.Driver, error) {
	type result struct {
		found []driver.Driver
		err   error
	}
	answer := make(chan result, 1)
	go func() {
		var r result
		defer func() {
			if p := recover(); p != nil {
				r.err = fmt.Errorf("listing the %s devices: %v", kind, p)
			}
			answer <- r
		}()
		drivers.Lock()
		defer drivers.Unlock()
		m := driver.GetManager()
		for _, d := range m.Query(driver.FilterDeviceType(kind)) {
			m.Delete(d.ID())
		}
		initialize()
		r.found = distinct(m.Query(driver.FilterDeviceType(kind)))
	}()
	timer := time.NewTimer(enumerationTime)
	defer timer.Stop()
	select {
	case r := <-answer:
		return r.found, r.err
	case <-timer.C:
		return nil, fmt.Errorf("listing the %s devices took more than %v", kind, enumerationTime)
	}
}

// distinct sorts by preference, then name, and leaves out second registrations of one device.
func distinct(found []driver.Driver) []driver.Driver {
	sort.Slice(found, func(i, j int) bool {
		a, b := found[i].Info(), found[j].Info()
		if a.Priority != b.Priority {
			return a.Priority > b.Priority
		}
		return a.Label < b.Label
	})
	seen := make(map[string]bool, len(found))
	kept := found[:0]
	for _, d := range found {
		if id := stableID(d.Info()); !seen[id] {
			seen[id] = true
			kept = append(kept, d)
		}
	}
	return kept
}

// stableID is the driver's label as far as it names the device; mediadevices' own IDs are new in each process.
func stableID(i driver.Info) string {
	id, _, _ := strings.Cut(i.Label, camera.LabelSeparator)
	return id
}

func label(i driver.Info) string {
	if name, _, _ := strings.Cut(i.Name, camera.LabelSeparator); strings.TrimSpace(name) != "" {
		return strings.TrimSpace(name)
	}
	return stableID(i)
}

// Open opens the camera with this ID, or, if it is empty, the preferred one that works.
func Open(ctx context.Context, id string) (*Source, error) {
	found, err := enumerate(driver.Camera, camera.Initialize)
	if err != nil {
		return nil, err
	}
	if len(found) == 0 && id == "" {
		return nil, ErrNone
	}
	var firstErr error
	for _, d := range found {
		if id != "" && stableID(d.Info()) != id {
			continue
		}
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		s, err := start(d, wantRate, false)
		if err == nil {
			return s, nil
		}
		if firstErr == nil {
			firstErr = fmt.Errorf("the camera %s cannot be used: %w", label(d.Info()), err)
		}
	}
	if firstErr == nil {
		return nil, fmt.Errorf("there is no camera %q; is it plugged in?", id)
	}
	return nil, firstErr
}

// OpenScreen opens the first screen, scaled down to at most 1280×720.
func OpenScreen(ctx context.Context) (*Source, error) {
	found, err := enumerate(driver.Screen, screen.Initialize)
	if err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if len(found) == 0 {
		return nil, ErrNoScreen
	}
	failed := guardX()
	s, err := start(found[0], screenRate, true)
	if err != nil {
		return nil, fmt.Errorf("the screen cannot be captured: %w", err)
	}
	if failed() {
		_ = s.Close()
		return nil, fmt.Errorf("%w: the X server refuses to share memory", ErrNoScreen)
	}
	return s, nil
}
