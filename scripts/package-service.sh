#!/bin/sh
# Makes the service's archive from build/sundogd, and a Debian package of the same where dpkg-deb is.
set -eu
cd "$(dirname "$0")/.."
version=$(sed -n 's/^ *Version *= *"\(.*\)".*/\1/p' FyneApp.toml)
arch=$(go env GOARCH)

# One program that runs on every Linux of the architecture.
case $(file -b build/sundogd 2>/dev/null || echo 'statically linked') in
*'statically linked'*) ;;
*)
	echo "build/sundogd is not static" >&2
	exit 1
	;;
esac
build/sundogd --version >/dev/null

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
tree=$work/sundogd-$version
install -D -m 755 build/sundogd "$tree/usr/bin/sundogd"
install -D -m 644 scripts/service/sundogd.service "$tree/usr/lib/systemd/system/sundogd.service"
install -D -m 644 scripts/service/sysusers.conf "$tree/usr/lib/sysusers.d/sundogd.conf"
install -D -m 644 scripts/service/sundogd.conf "$tree/etc/sundogd/sundogd.conf"
install -D -m 644 docs/service.md "$tree/usr/share/doc/sundogd/service.md"
install -D -m 644 LICENSE "$tree/usr/share/doc/sundogd/copyright"

# The example is one that the program takes: it starts on it, and stops as asked.
sed -e 's/^#\(rtmfp\|http\) = .*/\1 = 127.0.0.1:0/' -e 's/^#data = .*//' "$tree/etc/sundogd/sundogd.conf" >"$work/conf"
build/sundogd --config "$work/conf" --data none 2>"$work/log" &
service=$!
for _ in $(seq 100); do
	grep -q '"msg":"ready"' "$work/log" && break
	sleep 0.1
done
kill "$service"
if ! wait "$service" || ! grep -q '"msg":"ready"' "$work/log"; then
	cat "$work/log" >&2
	exit 1
fi

archive=build/sundogd-$version-linux-$arch.tar.xz
XZ_OPT=-2 tar -C "$work" --owner=0 --group=0 -cJf "$archive" "sundogd-$version"
echo "$archive"

command -v dpkg-deb >/dev/null 2>&1 || exit 0
mkdir "$tree/DEBIAN"
install -m 755 scripts/service/postinst scripts/service/prerm "$tree/DEBIAN/"
echo /etc/sundogd/sundogd.conf >"$tree/DEBIAN/conffiles"
cat >"$tree/DEBIAN/control" <<END
Package: sundogd
Version: $version
Architecture: $arch
Section: net
Priority: optional
Maintainer: The Sundog authors <sundogd@localhost>
Installed-Size: $(du -sk "$tree" | cut -f1)
Recommends: systemd
Description: service of the Sundog video phone
 Introduces phones to each other (RTMFP), keeps the directory of names (HTTP)
 and relays what finds no direct path (TURN), encrypted as it is.
END
package=build/sundogd_${version}_$arch.deb
dpkg-deb -Zxz -z2 --build --root-owner-group "$tree" "$package" >/dev/null
echo "$package"
