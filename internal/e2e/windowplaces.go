package main

import (
	"image"
	"time"
)

// Areas of the windows as they open, in pixels.
var (
	mainWhole  = image.Rect(0, 0, 380, 640)
	mainHeader = image.Rect(60, 30, 380, 84)
	callStage  = image.Rect(150, 100, 720, 380) // the remote picture, without what lies over it
	callOwn    = image.Rect(770, 440, 940, 530)
	callMute   = image.Rect(290, 440, 340, 500) // its button
	callBanner = image.Rect(150, 50, 810, 120)
	callMiddle = image.Rect(250, 150, 710, 400)
	callTitle  = image.Rect(16, 16, 240, 56) // the name of whom one speaks with, with its mark
	chatLines  = image.Rect(660, 70, 945, 470)
)

const (
	// moving is how much of a picture with something moving in it changes in half a second, at least.
	moving = 0.004
	// aLine is how much of the chat a line fills, at least.
	aLine = 0.003
	// aDot is how much of the header the green dot fills, at least.
	aDot = 0.001
	// windowWait is how long a window may take to react to a person.
	windowWait = 8 * time.Second
	// aLook is how long a person looks before answering.
	aLook = time.Second
)
