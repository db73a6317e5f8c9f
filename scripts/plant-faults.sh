#!/bin/sh
# T28: plants the faults of tests/faults/ in a copy of the code, one at a time, and demands that the tests which each of them
# names fail with it, although they pass without. Faults of the schema are planted by the suite itself.
#   sh scripts/plant-faults.sh [name ...]
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
copy=$root/target/planted
cargo=${CARGO:-cargo}
log=$copy.log
# Its own folder of what is built: cargo takes what was built of the copy for what was built of the code, faults and all.
export CARGO_TARGET_DIR="$root/target/planted.built"
[ $# -gt 0 ] || set -- $(cd "$root/tests/faults" && ls *.patch | sed 's/\.patch$//')

mkdir -p "$copy"
# Times stay as they are, so that only what differs is built.
(cd "$root" && git ls-files -z --cached --others --exclude-standard | tar --null -T - -cf -) | tar -xf - -C "$copy"
cd "$copy"
named() { sed -n "s/^$2: //p" "$root/tests/faults/$1.patch"; }
build() { "$cargo" build --locked -p tests --test it >"$log" 2>&1; }
# shellcheck disable=SC2086
try() { "$cargo" test --locked -p tests --test it -- $1 >"$log" 2>&1; }

all=
for fault in "$@"; do all="$all $(named "$fault" tests)"; done
echo "Without faults:$all"
build || { tail -40 "$log"; exit 1; }
try "$all" || { tail -40 "$log"; echo "These tests fail without any fault." >&2; exit 1; }

missed=0
printf '%-24s %-8s %8s  %s\n' fault found seconds "what is wrong"
for fault in "$@"; do
    patch -sp1 <"$root/tests/faults/$fault.patch"
    started=$(date +%s)
    if ! build; then
        found=unbuilt missed=$((missed + 1))
        cp "$log" "$copy.$fault.log"
    elif try "$(named "$fault" tests)"; then
        found=NO missed=$((missed + 1))
    else
        found=yes
        cp "$log" "$copy.$fault.log"
    fi
    printf '%-24s %-8s %8s  %s\n' "$fault" "$found" $(($(date +%s) - started)) "$(named "$fault" fault)"
    patch -sRp1 <"$root/tests/faults/$fault.patch"
done
[ "$missed" = 0 ] || { echo "$missed faults were not found." >&2; exit 1; }
