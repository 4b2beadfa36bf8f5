package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
)

// pulse is a sound server of our own: it opens no device and is reached by a socket in our folder only.
type pulse struct {
	*program
	env []string // what makes a program use it
	dir string
}

// startPulse starts a sound server in which each name has a "microphone" (NAME_mic, fed by what is played to
// NAME_voice) and a loudspeaker (NAME_speaker).
func (b *bench) startPulse(ctx context.Context, names ...string) (*pulse, error) {
	dir := filepath.Join(b.dir, "pulse")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	socket := filepath.Join(dir, "socket")
	args := []string{
		"-n", "--daemonize=no", "--exit-idle-time=-1", "--use-pid-file=no", "--log-target=stderr",
		"-L", "module-native-protocol-unix auth-anonymous=1 socket=" + socket,
	}
	sink := func(name string) {
		// norewinds: a null sink that rewinds stalls for up to 2 s.
		args = append(args, "-L", fmt.Sprintf("module-null-sink sink_name=%s norewinds=1 rate=48000 channels=2 sink_properties=device.description=%s", name, name))
	}
	for _, n := range names {
		sink(n + "_voice")
		sink(n + "_speaker")
		args = append(args, "-L", fmt.Sprintf("module-remap-source source_name=%s_mic master=%s_voice.monitor source_properties=device.description=%s_mic", n, n, n))
	}
	own := []string{"HOME=" + dir, "XDG_RUNTIME_DIR=" + dir, "PULSE_RUNTIME_PATH=" + dir}
	p, err := start("pulseaudio", own, "pulseaudio", args...)
	if err != nil {
		return nil, err
	}
	s := &pulse{program: p, env: []string{"PULSE_SERVER=unix:" + socket, "PULSE_COOKIE=" + filepath.Join(dir, "cookie")}, dir: dir}
	return s, p.serves(ctx, soon, func() error {
		_, err := runTool(ctx, s.env, "pactl", "info")
		return err
	})
}

// recording is the sound that a loudspeaker of the server plays, being written to a file.
type recording struct {
	*program
	file string
}

// record writes what a sink plays to a raw file, until stopped.
func (b *bench) record(s *pulse, sink string) (*recording, error) {
	file := filepath.Join(b.dir, sink+".raw")
	p, err := start("parec", s.env, "parec", "--device="+sink+".monitor", "--raw", "--format=s16le",
		fmt.Sprintf("--rate=%d", soundRate), "--channels=1", "--latency-msec=20", file)
	return &recording{program: p, file: file}, err
}

// finish ends the recording.
func (r *recording) finish(ctx context.Context) error {
	r.signal(syscall.SIGINT)
	_, err := r.wait(ctx, stopGrace)
	return err
}
