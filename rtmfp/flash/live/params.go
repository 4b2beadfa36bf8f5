package live

import "time"

// Defaults of Config.
const (
	defaultStreams       = 1000
	defaultPlayers       = 10_000
	defaultAudioLifetime = 2 * time.Second
	defaultVideoLifetime = 3 * time.Second
	defaultIdleAfter     = 10 * time.Second
	defaultPatience      = 15 * time.Second
)

// Bounds of what is kept of a stream for those who come later. A publisher decides what that is: the bounds are what one may
// make a service hold.
const (
	// maxDataFrames and maxDataFrame bound what is set by @setDataFrame: onMetaData, and few more.
	maxDataFrames = 8
	maxDataFrame  = 16 << 10

	// maxGrowth bounds data that are written anew in AMF0 by what they came in. AMF3's small integers grow from two bytes to
	// nine, but of references a few bytes stand for a megabyte, which would go to every player.
	maxGrowth = 5

	// maxHeaders and maxHeader bound sequence headers: one of a medium, and what Enhanced RTMP has of colour and channels.
	maxHeaders = 6
	maxHeader  = 16 << 10

	// maxPictures and maxPictureBytes bound the pictures since the last key frame: ten seconds at 30 a second, at 1.6 Mbit/s.
	// Beyond, newcomers get the key frame alone, and wait for the next.
	maxPictures     = 300
	maxPictureBytes = 2 << 20
)
