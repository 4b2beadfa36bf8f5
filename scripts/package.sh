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
mkdir -p "$work/source/theme" "$work/bin"
cp FyneApp.toml "$work/source/"
cp theme/icon.png "$work/source/theme/"
cp build/sundog "$work/bin/"
GOBIN="$root/build/tools" go install "$fyne"
(cd "$work/source" && "$root/build/tools/fyne" package --target linux --executable "$work/bin/sundog" --src "$work/source") >"$work/log" 2>&1 || {
	cat "$work/log" >&2
	exit 1
}
archive=$root/build/$name-$version-linux-$(go env GOARCH).tar.xz
tar -C "$work" -xf "$work/source/$name.tar.xz"
# The menu entry opens sundog: links, too: fyne's template knows no way to say so.
entry=$work/sundog/usr/local/share/applications/$name.desktop
sed -i -e 's/^Exec=sundog.*/Exec=sundog %u/' -e '/^Exec=/a MimeType=x-scheme-handler/sundog;' "$entry"
grep -q '^Exec=sundog %u$' "$entry"
# It is whole when the program in it runs.
"$work/sundog/usr/local/bin/sundog" --help >/dev/null 2>&1
tar -C "$work" -Jcf "$archive" sundog
echo "build/$(basename "$archive")"
