// Package version says which Sundog this is. make build stamps it from FyneApp.toml and the revision of the source.
package version

// Stamped by the linker.
var (
	number   string
	revision string
)

// String is the version as shown to people: "0.1.0 (1a2b3c4)", or "development" when nothing was stamped.
func String() string {
	switch {
	case number == "":
		return "development"
	case revision == "":
		return number
	default:
		return number + " (" + revision + ")"
	}
}
