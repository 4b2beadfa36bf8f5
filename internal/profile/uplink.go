package profile

import (
	"database/sql"
	"encoding/json"
	"time"
)

// Uplink is what the user's uplink carried in a call, for the calls after the next start.
type Uplink struct {
	Bits    int       `json:"bits"` // a second, on the link
	At      time.Time `json:"at"`
	Network string    `json:"network"` // where that was
}

// knownUplink is its row among the settings. It is none of them: whoever saves those leaves it as it is.
const knownUplink = "known_uplink"

// Uplink is what was kept last; the zero value: nothing that can be read.
func (s *Store) Uplink() (u Uplink) {
	var value string
	if s.reader.QueryRow("SELECT value FROM settings WHERE name = ?", knownUplink).Scan(&value) != nil || json.Unmarshal([]byte(value), &u) != nil {
		return Uplink{}
	}
	return u
}

// KeepUplink keeps it.
func (s *Store) KeepUplink(u Uplink) error {
	value, err := json.Marshal(u)
	if err != nil {
		return err
	}
	return s.change(func(tx *sql.Tx) error {
		_, err := tx.Exec("INSERT OR REPLACE INTO settings (name, value) VALUES (?, ?)", knownUplink, string(value))
		return err
	})
}
