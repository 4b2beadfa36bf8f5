package media

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"strconv"
	"strings"

	"sundog.dev/sundog/media/h264"
)

const videoSpecs = "none, default, device:ID, screen, test[:WxH@FPS] or file:CLIP.y4m"

// videoSpec is a source's spec, taken apart.
type videoSpec struct {
	kind          string // none, default, device, screen, test, file
	arg           string // device ID or path
	width, height int    // of the test picture
	rate          float64
}

func parseVideoSpec(spec string) (videoSpec, error) {
	kind, arg, hasArg := strings.Cut(spec, ":")
	s := videoSpec{kind: kind, arg: arg}
	switch kind {
	case "none", "default", "screen":
		if hasArg {
			return s, fmt.Errorf("camera %q: nothing may follow %q", spec, kind)
		}
	case "device":
		if arg == "" {
			return s, fmt.Errorf("camera %q: the device's ID is missing", spec)
		}
	case "file":
		switch info, err := os.Stat(arg); {
		case arg == "":
			return s, fmt.Errorf("camera %q: the file's name is missing", spec)
		case errors.Is(err, fs.ErrNotExist):
			return s, fmt.Errorf("camera %q: there is no such file", spec)
		case err != nil:
			return s, fmt.Errorf("camera %q: %w", spec, err)
		case info.IsDir():
			return s, fmt.Errorf("camera %q: this is a folder, not a .y4m file", spec)
		}
	case "test":
		s.width, s.height, s.rate = patternWidth, patternHeight, patternRate
		if hasArg {
			return s, s.parsePattern(spec)
		}
	default:
		return s, fmt.Errorf("camera %q is unknown; use %s", spec, videoSpecs)
	}
	return s, nil
}

// parsePattern reads WxH, WxH@FPS or @FPS.
func (s *videoSpec) parsePattern(spec string) error {
	size, rate, hasRate := strings.Cut(s.arg, "@")
	if size != "" || !hasRate {
		w, h, ok := strings.Cut(size, "x")
		var errW, errH error
		s.width, errW = strconv.Atoi(w)
		s.height, errH = strconv.Atoi(h)
		if !ok || errW != nil || errH != nil {
			return fmt.Errorf("camera %q: write the test picture as test:WxH@FPS, like test:640x360@30", spec)
		}
	}
	if hasRate {
		var err error
		if s.rate, err = strconv.ParseFloat(rate, 64); err != nil || math.IsNaN(s.rate) {
			return fmt.Errorf("camera %q: write the test picture as test:WxH@FPS, like test:640x360@30", spec)
		}
	}
	switch {
	case s.width < h264.MinWidth || s.height < h264.MinHeight || s.width > h264.MaxWidth || s.height > h264.MaxHeight || s.width%2 != 0 || s.height%2 != 0:
		return fmt.Errorf("camera %q: the sides must be even, from %d×%d to %d×%d", spec, h264.MinWidth, h264.MinHeight, h264.MaxWidth, h264.MaxHeight)
	case s.rate < 1 || s.rate > h264.MaxFrameRate:
		return fmt.Errorf("camera %q: the frame rate must be from 1 to %d a second", spec, h264.MaxFrameRate)
	}
	return nil
}

// CheckVideoSpec says what is wrong with a spec, without opening it.
func CheckVideoSpec(spec string) error {
	_, err := parseVideoSpec(spec)
	return err
}

// OpenVideo opens a source by its spec: none (nil, nil), default, device:ID, screen, test[:WxH@FPS], file:CLIP.y4m.
// "default" without any camera is ErrNoCamera. The errors of bad specs are sentences for the user.
func OpenVideo(ctx context.Context, spec string) (VideoSource, error) {
	s, err := parseVideoSpec(spec)
	if err != nil {
		return nil, err
	}
	switch s.kind {
	case "none":
		return nil, nil
	case "test":
		return newPatternSource(s.width, s.height, s.rate), nil
	case "file":
		return openVideoFile(s.arg)
	case "screen":
		return openScreenSource(ctx)
	default: // default, device
		return openCameraSource(ctx, s.arg)
	}
}
