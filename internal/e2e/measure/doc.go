// Package measure compares what was received in a call with what was sent: pictures that carry their number, and speech.
// It is written apart from the programs it judges, and knows nothing of them.
package measure
