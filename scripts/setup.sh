#!/bin/sh
# Finds what Sundog needs to be built, tested or shown, installs what is missing
# where it may (as root, or by a sudo that asks no password), and otherwise says
# the one command to type. It leaves build/env, which puts the right Go first.
#
# usage: scripts/setup.sh build   compilers, headers, Go: enough for run and test
#        scripts/setup.sh package the same, and what packs archives
#        scripts/setup.sh demo    the same, and a display where there is none
#        scripts/setup.sh e2e     the same, and the servers the end-to-end checks use
#
# When all is there it takes well under a second and prints nothing.
set -eu
cd "$(dirname "$0")/.."

purpose=${1:-build}
go_minor=26            # Go 1.26 or newer is used as it is
go_fetched=1.26.8      # brought when there is none, or an older one

missing=
want() {
	case " $missing " in *" $1 "*) ;; *) missing="${missing:+$missing }$1" ;; esac
}
need_command() { # COMMAND PACKAGE
	command -v "$1" >/dev/null 2>&1 || want "$2"
}
need_library() { # PACKAGE PKG-CONFIG-NAME…
	package=$1
	shift
	pkg-config --exists "$@" 2>/dev/null || want "$package"
}
need_package() { # PACKAGE, where nothing but the package's name tells
	command -v dpkg-query >/dev/null 2>&1 || return 0
	case $(dpkg-query -W -f '${Status}' "$1" 2>/dev/null) in
	*" installed") ;;
	*) want "$1" ;;
	esac
}

# outside runs a go command outside the module, where go.mod cannot make an old go fetch a new one by itself: it
# would look for the version that go.mod names, which is a language and no release.
outside() {
	(cd / && GO111MODULE=on GOTOOLCHAIN=local GOFLAGS='' "$@")
}

minor_version() { # GO
	outside "$1" version 2>/dev/null | sed -n 's/.*go1\.\([0-9]*\).*/\1/p'
}

# find_go prints the first go that is new enough, else any go, else nothing.
find_go() {
	any=
	for go in go /usr/local/go/bin/go /usr/lib/go-1."$go_minor"/bin/go "$fetched_root/bin/go"; do
		found=$(command -v "$go" 2>/dev/null) || continue
		minor=$(minor_version "$found")
		[ -n "$minor" ] || continue
		if [ "$minor" -ge "$go_minor" ]; then
			echo "$found"
			return
		fi
		any=${any:-$found}
	done
	echo "$any"
}

# as_root runs a command as root without asking anything, or fails.
as_root() {
	if [ "$(id -u)" = 0 ]; then
		env DEBIAN_FRONTEND=noninteractive "$@"
	else
		sudo -n env DEBIAN_FRONTEND=noninteractive "$@"
	fi
}
may_install() {
	command -v apt-get >/dev/null 2>&1 || return 1
	[ "$(id -u)" = 0 ] || sudo -n true 2>/dev/null
}

install_missing() {
	if ! may_install; then
		{
			echo "Sundog needs some packages that are not installed here. On Debian or Ubuntu, type:"
			echo
			echo "    sudo apt-get update && sudo apt-get install -y --no-install-recommends $missing"
			echo
			echo "On other systems, install what goes by these names there. Then try again."
		} >&2
		exit 1
	fi
	echo "Installing: $missing" >&2
	as_root apt-get -q -o DPkg::Lock::Timeout=300 update >&2 || true
	# shellcheck disable=SC2086 # a list of package names
	as_root apt-get -q -o DPkg::Lock::Timeout=300 install -y --no-install-recommends $missing >&2 </dev/null
	missing=
}

# fetch_go brings Go $go_fetched as the module golang.org/toolchain, by the old go $1,
# and prints its go. Go 1.21 and later would do the last steps by themselves.
fetch_go() {
	echo "Bringing Go $go_fetched (here is $(outside "$1" version | cut -d' ' -f3))" >&2
	module=golang.org/toolchain@v0.0.1-go$go_fetched.$(outside "$1" env GOOS)-$(outside "$1" env GOARCH)
	outside "$1" mod download "$module" >&2
	root=$(outside "$1" env GOMODCACHE)/$module
	chmod u+w "$root/src" "$root/src/cmd"
	# A module holds no second go.mod and no executables: put both right.
	for dir in "$root/src" "$root/src/cmd"; do
		[ -e "$dir/go.mod" ] || cp "$dir/_go.mod" "$dir/go.mod"
	done
	find "$root/bin" "$root/pkg/tool" -type f -exec chmod a+x {} +
	echo "$root/bin/go"
}

need_command gcc gcc
need_command g++ g++
need_command pkg-config pkg-config
need_library libgl1-mesa-dev gl
need_library libegl1-mesa-dev egl
need_library xorg-dev x11 xcursor xrandr xinerama xi xxf86vm
need_library libwayland-dev wayland-client wayland-cursor wayland-egl
need_library libxkbcommon-dev xkbcommon
need_package ca-certificates
case $purpose in
build) ;;
package)
	need_command xz xz-utils
	;;
demo)
	if [ -z "${DISPLAY:-}${WAYLAND_DISPLAY:-}" ]; then
		need_command Xvfb xvfb
		need_command xdotool xdotool
		need_command import imagemagick
		need_package libgl1-mesa-dri
	fi
	;;
e2e)
	need_command Xvfb xvfb
	need_command xdotool xdotool
	need_command import imagemagick
	need_command ffmpeg ffmpeg
	need_command espeak-ng espeak-ng
	need_command pulseaudio pulseaudio
	need_command parec pulseaudio-utils
	need_command turnserver coturn
	need_command prosody prosody
	need_command ip iproute2
	need_command dbus-daemon dbus
	need_command gnome-keyring-daemon gnome-keyring
	need_command secret-tool libsecret-tools
	need_package ejabberd
	need_package libgl1-mesa-dri
	;;
*)
	echo "scripts/setup.sh: $purpose? It is build, package, demo or e2e." >&2
	exit 2
	;;
esac

# What an earlier run has fetched is found by its place, which build/env remembers.
fetched_root=$(sed -n 's/^# fetched //p' build/env 2>/dev/null || true)
fetched_root=${fetched_root:-/nonexistent}
go=$(find_go)
[ -n "$go" ] || want golang-go
servers=
for server in prosody ejabberd; do # those that their packages would start
	case " $missing " in *" $server "*) servers="$servers $server" ;; esac
done
[ -z "$missing" ] || install_missing
if [ -n "$servers" ] && [ -d /run/systemd/system ]; then
	# shellcheck disable=SC2086 # a list of units
	as_root systemctl disable --quiet --now $servers >&2 || true
fi
[ -n "$go" ] || go=$(find_go)
if [ -z "$go" ]; then
	echo "Go was installed, but no go command is to be found. Is /usr/bin in PATH?" >&2
	exit 1
fi
fetched=
if [ "$(minor_version "$go")" -lt "$go_minor" ]; then
	go=$(fetch_go "$go")
	fetched="# fetched $(dirname "$(dirname "$go")")"
elif [ "$go" = "$fetched_root/bin/go" ]; then
	fetched="# fetched $fetched_root"
fi

# VCS stamping fails where git mistrusts the folder; make stamps the version itself.
flags=$(cd / && GOTOOLCHAIN=local "$go" env GOFLAGS)
case " $flags " in *" -buildvcs=false "*) ;; *) flags="${flags:+$flags }-buildvcs=false" ;; esac
mkdir -p build
{
	echo "# written by scripts/setup.sh, read by the Makefile"
	[ -z "$fetched" ] || echo "$fetched"
	echo "PATH='$(dirname "$go")':\$PATH"
	echo "GOTOOLCHAIN=local"
	echo "GOFLAGS='$flags'"
	echo "export PATH GOTOOLCHAIN GOFLAGS"
} >build/env.new
if cmp -s build/env.new build/env; then
	rm build/env.new
else
	mv build/env.new build/env
fi
