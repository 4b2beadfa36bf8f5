package directory

import (
	"context"
	nethttp "net/http"
	"net/url"
	"strconv"
	"time"

	"sundog.dev/sundog/idmanager/http/v1"
	"sundog.dev/sundog/internal/version"
)

// describe is GET /v1.
func (s *Server) describe(w nethttp.ResponseWriter, r *nethttp.Request) error {
	d := v1.Directory{
		API: v1.Version, Name: s.cfg.Name, Software: s.cfg.Software, Time: s.cfg.Now().UnixMilli(),
		RefreshSeconds: seconds(s.cfg.Refresh), ExpiresSeconds: seconds(s.expiry),
		Rendezvous: append([]string{}, s.cfg.Rendezvous()...), Instances: s.instances(), Relay: s.cfg.Relay != nil,
		Limits: v1.Limits{
			NameBytes: maxOldName, NamesPerLookUp: v1.MaxNames, NamesPerWatch: v1.MaxWatched, NamesPerKey: s.cfg.Limits.NamesPerKey,
			ClockToleranceS: seconds(s.skew),
		},
	}
	if d.Name == "" {
		d.Name = r.Host
	}
	if d.Software == "" {
		d.Software = "sundogd " + version.String()
	}
	writeJSON(w, nethttp.StatusOK, d)
	return nil
}

// lookUpNames is GET /v1/names.
func (s *Server) lookUpNames(w nethttp.ResponseWriter, r *nethttp.Request) error {
	names, err := namesOf(r, v1.MaxNames)
	if err != nil {
		return err
	}
	if more := len(names)/namesPerToken - 1; more > 0 {
		if err := s.admit(r, float64(more)); err != nil {
			return err
		}
	}
	ctx, cancel := withStore(r)
	defer cancel()
	answer := v1.Names{Names: make([]v1.Name, len(names)), Time: s.cfg.Now().UnixMilli()}
	for i, name := range names {
		key, err := v1.Fold(name)
		if err != nil {
			return err
		}
		found, err := s.lookUp(ctx, name, key, s.presence.GetNearby)
		if err != nil {
			return err
		}
		answer.Names[i] = found.name
	}
	writeJSON(w, nethttp.StatusOK, answer)
	return nil
}

// namesOf reads the parameters "name" of a query: 1 to most of them.
func namesOf(r *nethttp.Request, most int) ([]string, error) {
	if len(r.URL.RawQuery) > v1.MaxQuery {
		return nil, refuse(nethttp.StatusRequestURITooLong, v1.CodeURITooLong, "The query is longer than "+strconv.Itoa(v1.MaxQuery)+" bytes.")
	}
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return nil, refuse(nethttp.StatusBadRequest, v1.CodeBadRequest, "The query cannot be read.")
	}
	names := query["name"]
	return names, countNames(len(names), most)
}

func countNames(n, most int) error {
	if n < 1 || n > most {
		return refuse(nethttp.StatusBadRequest, v1.CodeBadRequest, "The request is to hold 1 to "+strconv.Itoa(most)+" names.")
	}
	return nil
}

// known is what was found out about a name.
type known struct {
	name     v1.Name
	revision uint64    // of the presence bucket; 0: there is nothing in it
	until    time.Time // when somebody who is here will have gone, unless we hear of them
}

// lookUp finds a name: first who is present, then who owns it, then whom an old client has put there.
func (s *Server) lookUp(ctx context.Context, name, key string, get getter) (known, error) {
	s.counters.lookUps.Add(1)
	p, revision, found, err := read[presence](ctx, get, key)
	if err != nil {
		return known{}, err
	}
	if found && p.here(s.cfg.Now(), s.expiry) {
		return s.knownBy(&p, revision), nil
	}
	k := known{name: v1.Name{Name: name, State: v1.Unknown}, revision: revision}
	who, _, found, err := read[owner](ctx, s.names.GetNearby, key)
	if err != nil {
		return known{}, err
	}
	if found {
		k.name = v1.Name{Name: who.Name, State: v1.Away, Identity: who.Identity}
		return k, nil
	}
	e, found, err := s.oldEntry(ctx, name)
	if err != nil || !found {
		return k, err
	}
	k.name = v1.Name{Name: e.Name, State: v1.Away}
	if id, ok := peerID(e.Identity); ok {
		k.name.State, k.name.PeerID = v1.Here, id
		k.until = e.Updated.Add(oldExpiry)
	}
	return k, nil
}

// knownBy is what the presence of somebody who is here says.
func (s *Server) knownBy(p *presence, revision uint64) known {
	return known{
		name:     v1.Name{Name: p.Registration.Name, State: v1.Here, Identity: p.Registration.Identity, Registration: &p.Registration},
		revision: revision,
		until:    time.UnixMilli(p.Renewed).Add(s.expiry),
	}
}
