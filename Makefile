# make run starts Sundog; make test passes all tests. Each does its own set-up on a fresh machine.
#
#   run      start the desktop app        (make run ARGS='--camera test')
#   test     vet and test everything   (make test TESTFLAGS=-v)
#   build    the three programs, into build/
#   demo     a call on this machine with test pictures: service and two apps, or more   (make demo N=4)
#   e2e      end-to-end checks over real sockets, windows and sound servers   (make e2e CHECK='call sound' for some)
#   lint     the linters, which hold the import rules and gofumpt's format
#   fuzz     every fuzz target for FUZZTIME (20s)   (make fuzz FUZZ=rtmfp/amf for some)
#   bench    the benchmarks, for benchstat   (make bench BENCH=Bulk for some)
#   bench-congestion   the congestion control cases: a table with marks, pictures in build/congestion/
#                      (make bench-congestion CONGESTION='-case 5.1,loss -seeds 1')
#   bench-service   the service under simulated clients: rates, delays, memory   (make bench-service CLIENTS=1000)
#   package  the Linux archives of app and service, and the service's Debian package, into build/
#   icon     draw theme/icon.png anew
#   clean    remove build/

SHELL = /bin/sh
.DEFAULT_GOAL = build

GOLANGCI = github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0
FYNE     = fyne.io/fyne/v2/cmd/fyne@v2.8.0

VERSION  := $(shell sed -n 's/^ *Version *= *"\(.*\)".*/\1/p' FyneApp.toml)
REVISION := $(shell git describe --always --dirty --exclude '*' 2>/dev/null)
STAMP    = -X sundog.dev/sundog/internal/version.number=$(VERSION) -X sundog.dev/sundog/internal/version.revision=$(REVISION)
BUILD    = go build -ldflags '$(STAMP)'

FUZZTIME = 20s
FUZZ     =
TESTFLAGS =
BENCH    = .
CHECK    =
ARGS     =
CLIENTS  = 10000
N        = 2
CONGESTION =

.PHONY: run test build demo e2e lint format fuzz bench bench-congestion bench-service package icon clean setup

setup:
	@scripts/setup.sh build

run: setup
	@. build/env && $(BUILD) -o build/ ./cmd/sundog
	@build/sundog $(ARGS)

build: setup
	@. build/env && $(BUILD) -o build/ ./cmd/sundog ./cmd/sundog-headless
	@. build/env && CGO_ENABLED=0 $(BUILD) -o build/ ./cmd/sundogd

# Vetting and testing share one build (cgo with -race): a second flavour would cost minutes.
test: setup
	@. build/env && go vet -race ./...
	@. build/env && go test -race -timeout 10m $(TESTFLAGS) ./...

demo:
	@scripts/setup.sh demo
	@$(MAKE) --no-print-directory build
	@. build/env && go run ./internal/e2e -demo $(N)

# A wrong CHECK is told before anything is installed or built for it. The checks run as make's own child, so that a signal to make
# reaches them, and they end what they have started.
e2e: setup
	@. build/env && go build -o build/tools/e2e ./internal/e2e
	@$(if $(CHECK),build/tools/e2e -list $(CHECK))
	@scripts/setup.sh e2e
	@$(MAKE) --no-print-directory build
	@. build/env && exec build/tools/e2e $(CHECK)

# The linter type-checks with the -race flavour too, which make test has built already.
lint: build/tools/golangci-lint
	@. build/env && GOFLAGS="$$GOFLAGS -race" build/tools/golangci-lint run

format: build/tools/golangci-lint
	@. build/env && build/tools/golangci-lint fmt

build/tools/golangci-lint: Makefile | setup
	@. build/env && GOBIN="$(CURDIR)/build/tools" go install $(GOLANGCI)
	@touch $@

fuzz: setup
	@. build/env && scripts/fuzz.sh $(FUZZTIME) '$(FUZZ)'

bench: setup
	@. build/env && go test -run '^$$' -bench $(BENCH) -benchmem ./idmanager/... ./media/... ./mesh/... ./rtmfp/...
	@. build/env && go test -run '^$$' -bench 'IdleSessions' -benchtime 1x ./rtmfp -idle-sessions 100000

# On a virtual clock: minutes of network time take seconds. Exit status 0 when the report was made, whatever it says.
bench-congestion: setup
	@. build/env && CGO_ENABLED=0 go run ./internal/rmcat/report -svg build/congestion $(CONGESTION)

bench-service: setup
	@. build/env && CGO_ENABLED=0 $(BUILD) -o build/ ./cmd/sundogd
	@. build/env && CGO_ENABLED=0 go build -o build/tools/servicebench ./internal/servicebench
	@build/tools/servicebench -clients $(CLIENTS)

package:
	@scripts/setup.sh package
	@$(MAKE) --no-print-directory build
	@. build/env && scripts/package.sh $(FYNE)
	@. build/env && scripts/package-service.sh

icon: setup
	@. build/env && go run ./scripts/icon theme/icon.png

clean:
	rm -rf build
