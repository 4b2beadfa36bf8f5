#!/bin/sh
# Runs every fuzz target of the module for the time given, one after the other; or those whose package and name
# match a pattern.
# usage: scripts/fuzz.sh TIME [PATTERN]
set -eu
time=$1
pattern=${2:-.}
cd "$(dirname "$0")/.."

list=$(mktemp)
trap 'rm -f "$list"' EXIT
grep -rlE '^func Fuzz[A-Z]' --include='*_test.go' . | while read -r file; do
	sed -n 's/^func \(Fuzz[A-Za-z0-9_]*\)(.*/\1/p' "$file" | while read -r target; do
		echo "$(dirname "$file") $target"
	done
done | sort -u | { grep -E -e "$pattern" || true; } >"$list"

count=0
while read -r package target; do
	echo "== $package $target"
	go test -run '^$' -fuzz "^$target\$" -fuzztime "$time" -fuzzminimizetime 20x "$package" </dev/null
	count=$((count + 1))
done <"$list"
[ "$count" -gt 0 ] || { echo "No fuzz target matches $pattern." >&2; exit 1; }
echo "$count fuzz targets ran $time each, and found nothing."
