#!/bin/sh
# Runs every fuzz target of the module for the time given, one after the other.
# usage: scripts/fuzz.sh 20s
set -eu
time=$1
cd "$(dirname "$0")/.."

list=$(mktemp)
trap 'rm -f "$list"' EXIT
grep -rlE '^func Fuzz[A-Z]' --include='*_test.go' . | while read -r file; do
	sed -n 's/^func \(Fuzz[A-Za-z0-9_]*\)(.*/\1/p' "$file" | while read -r target; do
		echo "$(dirname "$file") $target"
	done
done | sort -u >"$list"

count=0
while read -r package target; do
	echo "== $package $target"
	go test -run '^$' -fuzz "^$target\$" -fuzztime "$time" "$package" </dev/null
	count=$((count + 1))
done <"$list"
echo "$count fuzz targets ran $time each, and found nothing."
