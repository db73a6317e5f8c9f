#!/bin/sh
# Runs the storage's tests against two object stores: the embedded one, and moto's server, which is installed from its package the
# first time.
# Usage: test-s3.sh [embedded] [moto]
set -eu
cd "$(dirname "$0")/.."
CARGO=${CARGO:-cargo}
home=${TEST_S3_HOME:-$PWD/target/object-stores}
MOTO_VERSION=5.2.5
moto=$home/moto/bin/moto_server
run=$(mktemp -d)
pids=

end() {
    for pid in $pids; do kill "$pid" 2>/dev/null || true; done
    rm -rf "$run"
}
trap end EXIT
trap 'exit 1' INT TERM

say() { echo "test-s3: $*" >&2; }

# The same tests for every store. What they name: domains/files/tests and tests/tests/it/storage.
suite() {
    "$CARGO" test --locked -p files -p tests --test storage
    "$CARGO" test --locked -p files -p tests --test it -- storage
}

# until_ready <what> <command...>
until_ready() {
    what=$1
    shift
    tries=0
    until "$@" >/dev/null 2>&1; do
        tries=$((tries + 1))
        [ $tries -le 300 ] || { say "$what did not become ready"; return 1; }
        sleep 0.2
    done
}

name_store() {
    export TEST_S3_ADDRESS="$1" TEST_S3_REGION="$2" TEST_S3_ACCESS_KEY="$3" TEST_S3_SECRET_KEY="$4"
}

embedded() {
    unset TEST_S3_ADDRESS
    suite
}

moto() {
    if [ ! -x "$moto" ]; then
        say "installing moto $MOTO_VERSION"
        python3 -m venv "$home/moto"
        "$home/moto/bin/pip" install --quiet --disable-pip-version-check "moto[server]==$MOTO_VERSION"
    fi
    port=${MOTO_PORT:-39155}
    "$moto" -H 127.0.0.1 -p "$port" >"$run/moto.log" 2>&1 &
    pids="$pids $!"
    until_ready moto python3 -c "import urllib.request; urllib.request.urlopen('http://127.0.0.1:$port/moto-api/')"
    # Signatures are not checked; us-east-1 would refuse the client's way of making buckets.
    name_store "127.0.0.1:$port" eu-west-1 moto moto-secret
    suite
}

[ $# -gt 0 ] || set -- embedded moto
for store in "$@"; do
    say "$store"
    $store
done
say "all passed: $*"
