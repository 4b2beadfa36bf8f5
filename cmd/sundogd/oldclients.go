package main

import (
	"fmt"
	"os"
)

// oldClientsVariable is the environment variable that admits programs of the Flash age to the introduction service.
const oldClientsVariable = "SUNDOG_RTMFP_OLD_CLIENTS"

// oldClients reads it.
func oldClients() (bool, error) {
	switch value := os.Getenv(oldClientsVariable); value {
	case "", "off":
		return false, nil
	case "on":
		return true, nil
	default:
		return false, fmt.Errorf("%s is %q, neither on nor off", oldClientsVariable, value)
	}
}
