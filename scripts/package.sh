#!/bin/sh
# Makes the Linux archive from the programs in build/, with fyne's packager.
# usage: scripts/package.sh MODULE-OF-FYNE@VERSION
#
# It works on a copy: the packager counts Build up in FyneApp.toml, and removes an
# executable of the app's name beside it.
set -eu
fyne=$1
cd "$(dirname "$0")/.."
root=$PWD
name=$(sed -n 's/^ *Name *= *"\(.*\)".*/\1/p' FyneApp.toml)
version=$(sed -n 's/^ *Version *= *"\(.*\)".*/\1/p' FyneApp.toml)

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp FyneApp.toml Icon.png "$work/"
cp build/sundog "$work/program"
GOBIN="$root/build/tools" go install "$fyne"
(cd "$work" && "$root/build/tools/fyne" package --target linux --executable "$work/program" --src "$work" >"$work/log" 2>&1) || {
	cat "$work/log" >&2
	exit 1
}
ls -la "$work"
archive=$root/build/$name-$version-linux-$(go env GOARCH).tar.xz
mv "$work/$name.tar.xz" "$archive"
echo "build/$(basename "$archive")"
