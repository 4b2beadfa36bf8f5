package main

import (
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"sundog.dev/sundog/internal/version"
)

// reading is one metric and how its value is read.
type reading struct {
	desc  *prometheus.Desc
	kind  prometheus.ValueType
	value func() float64
}

// readings is a prometheus.Collector of counts that the parts of the service keep themselves. Parts that have a snapshot of
// all their counts take it once a scrape.
type readings struct {
	snapshot func()
	all      []reading
}

// Describe implements prometheus.Collector.
func (r *readings) Describe(descs chan<- *prometheus.Desc) {
	for _, m := range r.all {
		descs <- m.desc
	}
}

// Collect implements prometheus.Collector.
func (r *readings) Collect(metrics chan<- prometheus.Metric) {
	if r.snapshot != nil {
		r.snapshot()
	}
	for _, m := range r.all {
		metrics <- prometheus.MustNewConstMetric(m.desc, m.kind, m.value())
	}
}

func (r *readings) gauge(name, help string, value func() float64) {
	r.add(prometheus.GaugeValue, name, help, value)
}

func (r *readings) counter(name, help string, value func() uint64) {
	r.add(prometheus.CounterValue, name, help, func() float64 { return float64(value()) })
}

func (r *readings) add(kind prometheus.ValueType, name, help string, value func() float64) {
	r.all = append(r.all, reading{prometheus.NewDesc("sundogd_"+name, help, nil, nil), kind, value})
}

// newRegistry makes the registry of a service that started then: what its runtime, its process and its parts count.
func newRegistry(started time.Time, parts ...prometheus.Collector) *prometheus.Registry {
	own := new(readings)
	own.gauge("start_time_seconds", "When the service started, Unix time.", func() float64 { return float64(started.Unix()) })
	build := prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "sundogd_build_info", Help: "Always 1, with the version.",
		ConstLabels: prometheus.Labels{"version": version.String()},
	}, func() float64 { return 1 })
	registry := prometheus.NewRegistry()
	registry.MustRegister(own, build, collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	registry.MustRegister(parts...)
	return registry
}

// metricsHandler serves a registry. What cannot be read is left out of the answer.
func metricsHandler(registry *prometheus.Registry) http.Handler {
	return promhttp.HandlerFor(registry, promhttp.HandlerOpts{ErrorHandling: promhttp.ContinueOnError})
}
