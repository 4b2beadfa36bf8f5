package rtmfp

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"
)

func newTestWheel() (*alarmWheel, time.Time) {
	w, now := new(alarmWheel), time.Now()
	w.init(now)
	return w, now
}

// runTo goes from alarm to alarm, as the run loop does, until there is none before end.
func runTo(w *alarmWheel, now, end time.Time) time.Time {
	for {
		next, ok := w.next()
		if !ok || next.After(end) {
			w.run(end)
			return end
		}
		if next.After(now) {
			now = next
		}
		w.run(now)
	}
}

// An alarm fires at its time, however far off, and no sooner.
func TestAlarmTimes(t *testing.T) {
	for _, d := range []time.Duration{
		-time.Hour, 0, 1, time.Microsecond, 999 * time.Microsecond, time.Millisecond, 1<<tickBits - 1, 1 << tickBits,
		100 * time.Millisecond, 256<<tickBits - 1, 256 << tickBits, 256<<tickBits + 1, time.Second, 15 * time.Second,
		64 * 256 << tickBits, 64*256<<tickBits - 1, time.Minute, 18 * time.Minute, time.Hour, 20 * time.Hour, 1000 * time.Hour,
	} {
		for _, start := range []time.Duration{0, 137 * time.Millisecond, 17179 * time.Millisecond, 3 * time.Hour} {
			t.Run(fmt.Sprintf("%v from %v", d, start), func(t *testing.T) {
				w, origin := newTestWheel()
				now := origin.Add(start)
				w.run(now)
				var fired []time.Time
				a := alarm{fire: func(now time.Time) { fired = append(fired, now) }}
				w.set(&a, now.Add(d))
				runTo(w, now, now.Add(max(d, 0)).Add(time.Hour))
				if len(fired) != 1 || !fired[0].Equal(now.Add(max(d, 0))) {
					t.Errorf("fired at %v, want %v", fired, now.Add(max(d, 0)))
				}
				if a.isSet() || a.in != nil {
					t.Error("the alarm is still set")
				}
			})
		}
	}
}

func TestAlarmChanges(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(w *alarmWheel, a *alarm, now time.Time)
		want   time.Duration // 0: never
	}{
		{"later", func(w *alarmWheel, a *alarm, now time.Time) { w.set(a, now.Add(5*time.Second)) }, 5 * time.Second},
		{"earlier", func(w *alarmWheel, a *alarm, now time.Time) { w.set(a, now.Add(5*time.Millisecond)) }, 5 * time.Millisecond},
		{"much later", func(w *alarmWheel, a *alarm, now time.Time) { w.set(a, now.Add(5*time.Hour)) }, 5 * time.Hour},
		{"later and earlier again", func(w *alarmWheel, a *alarm, now time.Time) {
			w.set(a, now.Add(5*time.Hour))
			w.set(a, now.Add(2*time.Second))
		}, 2 * time.Second},
		{"not if earlier", func(w *alarmWheel, a *alarm, now time.Time) { w.setIfEarlier(a, now.Add(5*time.Second)) }, time.Second},
		{"if earlier", func(w *alarmWheel, a *alarm, now time.Time) { w.setIfEarlier(a, now.Add(time.Millisecond)) }, time.Millisecond},
		{"cleared", func(_ *alarmWheel, a *alarm, _ time.Time) { a.clear() }, 0},
		{"cleared and set", func(w *alarmWheel, a *alarm, now time.Time) {
			a.clear()
			w.setIfEarlier(a, now.Add(3*time.Second))
		}, 3 * time.Second},
		{"dropped", func(w *alarmWheel, a *alarm, _ time.Time) { w.drop(a) }, 0},
		{"dropped twice and set", func(w *alarmWheel, a *alarm, now time.Time) {
			w.drop(a)
			w.drop(a)
			w.set(a, now.Add(time.Minute))
		}, time.Minute},
	} {
		t.Run(c.name, func(t *testing.T) {
			w, now := newTestWheel()
			var at []time.Duration
			a := alarm{fire: func(t time.Time) { at = append(at, t.Sub(now)) }}
			w.set(&a, now.Add(time.Second))
			c.change(w, &a, now)
			runTo(w, now, now.Add(10*time.Hour))
			if c.want == 0 && len(at) != 0 || c.want != 0 && (len(at) != 1 || at[0] != c.want) {
				t.Errorf("fired after %v, want %v", at, c.want)
			}
		})
	}
}

// An alarm so far off that no duration reaches it waits, and keeps nobody else.
func TestAlarmCenturiesOff(t *testing.T) {
	w, now := newTestWheel()
	var fired []string
	far := alarm{fire: func(time.Time) { fired = append(fired, "far") }}
	near := alarm{fire: func(time.Time) { fired = append(fired, "near") }}
	w.set(&far, now.AddDate(1000, 0, 0))
	w.set(&near, now.Add(time.Hour))
	w.run(now)
	runTo(w, now, now.Add(1000*time.Hour))
	if fmt.Sprint(fired) != "[near]" || !far.isSet() {
		t.Errorf("fired: %v", fired)
	}
}

// What an alarm does to others of its own moment holds.
func TestAlarmsInAlarms(t *testing.T) {
	w, now := newTestWheel()
	var first, second, third alarm
	var log []string
	first.fire = func(now time.Time) {
		log = append(log, "first")
		w.drop(&second)
		w.set(&third, now.Add(time.Second))
		w.set(&first, now) // again, at once
		first.fire = func(time.Time) { log = append(log, "again") }
	}
	second.fire = func(time.Time) { log = append(log, "second") }
	third.fire = func(t time.Time) { log = append(log, fmt.Sprint("third ", t.Sub(now))) }
	// The one that was set last comes first.
	w.set(&second, now.Add(time.Millisecond))
	w.set(&third, now.Add(time.Millisecond))
	w.set(&first, now.Add(time.Millisecond))
	runTo(w, now, now.Add(time.Minute))
	if got := fmt.Sprint(log); got != "[first again third 1.001s]" {
		t.Error(got)
	}
}

// The wheel does what a list does that is searched from end to end.
func TestAlarmsAtRandom(t *testing.T) {
	for seed := range uint64(20) {
		rng := rand.New(rand.NewPCG(seed, 1))
		w, origin := newTestWheel()
		now := origin
		alarms := make([]alarm, 50)
		want := make([]time.Time, len(alarms)) // zero: unset
		for i := range alarms {
			alarms[i].fire = func(at time.Time) {
				if want[i].IsZero() || want[i].After(at) {
					t.Fatalf("seed %d: alarm %d fired at %v, want %v", seed, i, at.Sub(origin), want[i].Sub(origin))
				}
				want[i] = time.Time{}
			}
		}
		for range 3000 {
			i := rng.IntN(len(alarms))
			a := &alarms[i]
			at := now.Add(time.Duration(rng.ExpFloat64() * float64(time.Millisecond) * float64(int(1)<<rng.IntN(25))))
			switch rng.IntN(6) {
			case 0:
				a.clear()
				want[i] = time.Time{}
			case 1:
				w.drop(a)
				want[i] = time.Time{}
			case 2:
				w.setIfEarlier(a, at)
				if want[i].IsZero() || at.Before(want[i]) {
					want[i] = at
				}
			default:
				w.set(a, at)
				want[i] = at
			}
			if rng.IntN(3) == 0 {
				step := time.Duration(rng.ExpFloat64() * float64(time.Microsecond) * float64(int(1)<<rng.IntN(30)))
				if rng.IntN(2) == 0 {
					now = now.Add(step)
					w.run(now)
				} else {
					now = runTo(w, now, now.Add(step))
				}
			}
			next, ok := w.next()
			for k, at := range want {
				if !at.IsZero() && !at.After(now) && rng.IntN(2) == 0 {
					w.run(now) // set for the past
				}
				if at := want[k]; !at.IsZero() && at.After(now) && (!ok || next.After(at)) {
					t.Fatalf("seed %d: alarm %d at %v comes before next, %v %v", seed, k, at.Sub(origin), next.Sub(origin), ok)
				}
			}
		}
		runTo(w, now, now.Add(10000*time.Hour))
		for i, at := range want {
			if !at.IsZero() {
				t.Fatalf("seed %d: alarm %d never fired", seed, i)
			}
		}
	}
}

// BenchmarkAlarm is what an alarm costs among many: a keep-alive that fires and is set again, and one that is put off
// with each packet.
func BenchmarkAlarm(b *testing.B) {
	for _, n := range []int{1, 1000, 100_000} {
		b.Run(fmt.Sprintf("fire/sessions=%d", n), func(b *testing.B) {
			w, now := newTestWheel()
			alarms := make([]alarm, n)
			const period = 15 * time.Second
			fired := 0
			for i := range alarms {
				a := &alarms[i]
				a.fire = func(now time.Time) {
					fired++
					w.set(a, now.Add(period))
				}
				w.set(a, now.Add(period*time.Duration(i)/time.Duration(n)))
			}
			b.ReportAllocs()
			b.ResetTimer()
			for fired < b.N {
				next, _ := w.next()
				w.run(next)
			}
		})
		b.Run(fmt.Sprintf("put-off/sessions=%d", n), func(b *testing.B) {
			w, now := newTestWheel()
			alarms := make([]alarm, n)
			for i := range alarms {
				alarms[i].fire = func(time.Time) {}
			}
			b.ReportAllocs()
			for i := range b.N {
				now = now.Add(time.Microsecond)
				w.set(&alarms[i%n], now.Add(time.Second))
				w.run(now)
			}
		})
	}
}
