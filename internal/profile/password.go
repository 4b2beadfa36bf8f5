package profile

import (
	"database/sql"
	"errors"
)

// passwordSecret precedes an account's address among the secrets.
const passwordSecret = "password:"

// maxPassword bounds a password, in bytes; SASLprep'd ones of any server are far shorter.
const maxPassword = 1024

// Password is what was saved for an account (user@host), "" for none.
func (s *Store) Password(account string) (string, error) {
	var password string
	err := s.reader.QueryRow("SELECT value FROM secrets WHERE name = ?", passwordSecret+account).Scan(&password)
	if errors.Is(err, sql.ErrNoRows) {
		err = nil
	}
	return password, err
}

// SavePassword keeps the password of an account beside the identity key, readable for the user alone; "" forgets it.
func (s *Store) SavePassword(account, password string) error {
	if len(password) > maxPassword || len(account) > maxPassword {
		return refusal("that is too long for an account and its password")
	}
	return s.change(func(tx *sql.Tx) error {
		_, err := tx.Exec("DELETE FROM secrets WHERE name = ?", passwordSecret+account)
		if err == nil && password != "" {
			_, err = tx.Exec("INSERT INTO secrets (name, value) VALUES (?, ?)", passwordSecret+account, []byte(password))
		}
		return err
	})
}
