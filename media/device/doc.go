// Package device is the microphones and loudspeakers of this machine: 48 kHz mono, 16 bit, in periods of 10 ms.
//
// A device that stops calling back, is unplugged, or whose sound server dies is reopened for as long as it takes; a device opened
// by its id that has gone is replaced by the system's default one until it is back. So nothing that happens to a device ever
// ends a call: a Microphone simply has no sound meanwhile, and a Speaker takes none.
//
// The callbacks of the sound system come on threads of its own: between them and Go code lies a ring without locks.
// Nothing of this package can run inside testing/synctest.
package device
