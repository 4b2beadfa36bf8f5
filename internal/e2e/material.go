package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"sundog.dev/sundog/internal/e2e/measure"
)

// soundRate is the rate at which sent and received speech are compared, in samples a second.
const soundRate = 48000

// makeClip writes a Y4M file of moving content in which every frame carries its number.
func (b *bench) makeClip(ctx context.Context, seconds int) (path string, err error) {
	format := measure.Format{Width: 640, Height: 360, RateNum: 30, RateDen: 1}
	path = filepath.Join(b.dir, "sent.y4m")
	file, err := os.Create(path)
	if err != nil {
		return "", err
	}
	defer func() {
		if e := file.Close(); err == nil {
			err = e
		}
	}()
	cmd := exec.CommandContext(ctx, "ffmpeg", "-nostdin", "-loglevel", "error",
		"-f", "lavfi", "-i", fmt.Sprintf("testsrc2=size=%dx%d:rate=%d:duration=%d", format.Width, format.Height, format.RateNum, seconds),
		"-pix_fmt", "yuv420p", "-f", "rawvideo", "-")
	cmd.Stderr = os.Stderr
	pictures, err := cmd.StdoutPipe()
	if err != nil {
		return "", err
	}
	if err := cmd.Start(); err != nil {
		return "", err
	}
	out := bufio.NewWriterSize(file, 1<<20)
	_, _ = out.WriteString(format.Header()) // Flush tells
	frame := make([]byte, format.FrameSize())
	for n := range seconds * format.RateNum {
		if _, err := io.ReadFull(pictures, frame); err != nil {
			_ = cmd.Wait()
			return "", fmt.Errorf("ffmpeg gave %d frames: %w", n, err)
		}
		measure.PutNumber(format, frame, n)
		_, _ = out.WriteString("FRAME\n")
		_, _ = out.Write(frame)
	}
	if err := cmd.Wait(); err != nil {
		return "", fmt.Errorf("ffmpeg: %w", err)
	}
	return path, out.Flush()
}

// text is what is spoken; two voices read it.
const text = `The sun stood low over the snow when we came out of the hut. On both sides of it, at the same height,
there were two more lights, each with a touch of red towards the middle. The old man who kept the place said that
they were called sundogs, and that they followed the sun all day like dogs follow a sledge. They are made by crystals of ice,
flat as plates, that drift slowly down through quiet air. Every one of them bends the light a little, and always by the same angle.
So the bright spots keep their distance, whatever you do. We watched for a long time. Then a thin cloud came from the west,
the halo closed to a full ring, and it began to snow again. Nobody spoke on the way down to the valley. In the evening, by the stove,
each of us told what he had seen, and no two stories were the same. That is why I wrote it down on the next morning.`

// makeSpeech writes a WAV file of that many seconds of speech in that voice as espeak-ng makes it, and
// returns the same at soundRate to compare with.
func (b *bench) makeSpeech(ctx context.Context, name, voice string, seconds int) (path string, sent measure.Sound, err error) {
	path = filepath.Join(b.dir, name+".wav")
	if _, err := runTool(ctx, nil, "espeak-ng", "-v", voice, "-s", "150", "-w", path, strings.ReplaceAll(text, "\n", " ")); err != nil {
		return "", sent, err
	}
	if sent, err = b.loadSpeech(ctx, path); err != nil {
		return "", sent, err
	}
	if sent.Seconds() < float64(seconds) {
		return "", sent, fmt.Errorf("the speech is only %.1f s long", sent.Seconds())
	}
	return path, sent, nil
}

// makeTone writes a WAV file of a tone of that pitch, in Hz, and level, in dB of full scale. It has whole periods, so that it may be
// repeated.
func (b *bench) makeTone(ctx context.Context, name string, hertz, level int) (path string, err error) {
	path = filepath.Join(b.dir, name+".wav")
	const ffmpegSine = -21 // dB
	_, err = runTool(ctx, nil, "ffmpeg", "-nostdin", "-loglevel", "error", "-f", "lavfi",
		"-i", fmt.Sprintf("sine=frequency=%d:sample_rate=48000:duration=10,volume=%ddB", hertz, level-ffmpegSine), "-ac", "1", path)
	return path, err
}

// loadSpeech reads a sound file of any kind at soundRate, in one channel.
func (b *bench) loadSpeech(ctx context.Context, path string, input ...string) (measure.Sound, error) {
	converted := path + ".compare.wav"
	args := append([]string{"-nostdin", "-loglevel", "error", "-y"}, input...)
	args = append(args, "-i", path, "-ac", "1", "-ar", fmt.Sprint(soundRate), "-c:a", "pcm_s16le", "-bitexact", converted)
	if _, err := runTool(ctx, nil, "ffmpeg", args...); err != nil {
		return measure.Sound{}, err
	}
	return readSound(converted)
}

// readSound reads a WAV file as it is.
func readSound(path string) (measure.Sound, error) {
	file, err := os.Open(path)
	if err != nil {
		return measure.Sound{}, err
	}
	defer file.Close()
	sound, err := measure.ReadWAV(file)
	if err != nil {
		return sound, fmt.Errorf("%s: %w", filepath.Base(path), err)
	}
	return sound, nil
}

// comparePictures compares a received Y4M file with the clip that was sent.
func comparePictures(sentPath, receivedPath string) (measure.Pictures, error) {
	sent, err := os.Open(sentPath)
	if err != nil {
		return measure.Pictures{}, err
	}
	defer sent.Close()
	info, err := sent.Stat()
	if err != nil {
		return measure.Pictures{}, err
	}
	clip, err := measure.NewClip(sent, info.Size())
	if err != nil {
		return measure.Pictures{}, err
	}
	received, err := os.Open(receivedPath)
	if err != nil {
		return measure.Pictures{}, err
	}
	defer received.Close()
	return measure.ComparePictures(clip, received)
}
