package profile

import (
	"database/sql"
	"encoding/json"
)

// Settings are the user's choices. Sources are specs such as "default",
// "device:ID" or "none"; empty means the default.
type Settings struct {
	Name   string `json:"name,omitempty"`
	Server string `json:"server,omitempty"`
	// Directory are the directories, as --directory takes them: http(s)://…, xmpp:user@host or lan, several with commas
	// between them. Empty: the service's own, or the network's without a service.
	Directory string `json:"directory,omitempty"`
	// Accept says who may ring at a window: contacts, verified, anyone or none. Empty: anyone.
	Accept string `json:"accept,omitempty"`
	// OldClients says whether programs that cannot prove who they are may call and be called: refuse or allow. Empty: refuse.
	OldClients string `json:"old_clients,omitempty"`

	Camera  string `json:"camera,omitempty"`
	Mic     string `json:"mic,omitempty"`
	Speaker string `json:"speaker,omitempty"`
	Theme   string `json:"theme,omitempty"`
	// Quiet leaves the tones out that tell who comes into a call and goes.
	Quiet bool `json:"quiet,omitempty"`

	// UplinkCap is the most that a call may send, to all others together, in bit/s; 0: as much as the line carries.
	UplinkCap int `json:"uplink_cap,omitempty"`
	// DataSaver makes calls send little, whatever the line carries and the cap allows.
	DataSaver bool `json:"data_saver,omitempty"`
}

// Settings are the choices as last saved.
func (s *Store) Settings() Settings { return s.now().settings }

// SaveSettings stores the choices. Settings of later versions, which this one does not know, stay.
func (s *Store) SaveSettings(set Settings) error {
	return s.change(func(tx *sql.Tx) error { return writeSettings(tx, set) })
}

// Each choice is a row: the name of its JSON field and the JSON value.

func readSettings(q querier) (Settings, error) {
	fields := map[string]json.RawMessage{}
	err := each(q, func(scan func(...any) error) error {
		var name, value string
		if err := scan(&name, &value); err != nil {
			return err
		}
		fields[name] = json.RawMessage(value)
		return nil
	}, "SELECT name, value FROM settings")
	if err != nil {
		return Settings{}, err
	}
	b, err := json.Marshal(fields)
	if err != nil {
		return Settings{}, err
	}
	var set Settings
	return set, json.Unmarshal(b, &set)
}

func writeSettings(tx *sql.Tx, set Settings) error {
	before, err := readSettings(tx)
	if err != nil {
		return err
	}
	was, err := settingFields(before)
	if err != nil {
		return err
	}
	is, err := settingFields(set)
	if err != nil {
		return err
	}
	for name := range was {
		if _, ok := is[name]; !ok {
			if _, err := tx.Exec("DELETE FROM settings WHERE name = ?", name); err != nil {
				return err
			}
		}
	}
	for name, value := range is {
		if _, err := tx.Exec("INSERT OR REPLACE INTO settings (name, value) VALUES (?, ?)", name, string(value)); err != nil {
			return err
		}
	}
	return nil
}

func settingFields(set Settings) (map[string]json.RawMessage, error) {
	b, err := json.Marshal(set)
	if err != nil {
		return nil, err
	}
	var fields map[string]json.RawMessage
	return fields, json.Unmarshal(b, &fields)
}
