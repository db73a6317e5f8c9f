#!/bin/sh
# Runs the storage's tests against three object stores: the embedded one, garage on three nodes of which one is killed and
# revived meanwhile, and moto's server. Installs the last two from their packages the first time (garage takes a while).
# Usage: test-s3.sh [embedded] [garage] [moto]
set -eu
cd "$(dirname "$0")/.."
CARGO=${CARGO:-cargo}
home=${TEST_S3_HOME:-$PWD/target/object-stores}
GARAGE_VERSION=2.5.0
MOTO_VERSION=5.2.5
garage=$home/garage/bin/garage
moto=$home/moto/bin/moto_server
run=$(mktemp -d)
pids=

end() {
    for pid in $pids $(cat "$run"/*.pid 2>/dev/null); do kill "$pid" 2>/dev/null || true; done
    rm -rf "$run"
}
trap end EXIT
trap 'exit 1' INT TERM

say() { echo "test-s3: $*" >&2; }

# The same tests for every store. What they name: domains/files/tests and tests/tests/it/storage.
suite() {
    "$CARGO" test --locked -p files --test storage
    "$CARGO" test --locked -p tests --test it -- storage
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

# node <number> <command...>: garage's command on one node
node() {
    number=$1
    shift
    "$garage" -c "$run/garage-$number.toml" "$@"
}

start_node() {
    "$garage" -c "$run/garage-$1.toml" server >>"$run/garage-$1.log" 2>&1 &
    echo $! >"$run/garage-$1.pid"
    pids="$pids $!"
}

write_node() {
    cat >"$run/garage-$1.toml" <<END
metadata_dir = "$run/garage-$1/meta"
data_dir = "$run/garage-$1/data"
db_engine = "lmdb"
replication_factor = 3
rpc_bind_addr = "127.0.0.1:$((39160 + $1))"
rpc_public_addr = "127.0.0.1:$((39160 + $1))"
rpc_secret = "$rpc_secret"
bootstrap_peers = [$2]

[s3_api]
api_bind_addr = "127.0.0.1:$((39170 + $1))"
s3_region = "garage"
END
}

hexadecimal() { od -An -N"$1" -tx1 /dev/urandom | tr -d ' \n'; }

all_connected() { [ "$(node 1 status | sed -n '/HEALTHY/,/FAILED/p' | grep -c '127.0.0.1:3916')" = 3 ]; }

garage() {
    if [ ! -x "$garage" ]; then
        say "installing garage $GARAGE_VERSION"
        "$CARGO" install garage --version "$GARAGE_VERSION" --root "$home/garage" --locked
    fi
    rpc_secret=$(hexadecimal 32)
    for number in 1 2 3; do write_node $number ""; done
    peers=
    for number in 1 2 3; do
        id=$(node $number node id -q 2>/dev/null)
        peers="$peers${peers:+, }\"$id\""
    done
    for number in 1 2 3; do
        write_node $number "$peers"
        start_node $number
    done
    until_ready garage all_connected
    for number in 1 2 3; do
        id=$(node $number node id -q 2>/dev/null)
        node 1 layout assign -z "z$number" -c 2G "${id%%@*}" >/dev/null
    done
    node 1 layout apply --version 1 >/dev/null
    key=GK$(hexadecimal 12)
    secret=$(hexadecimal 32)
    until_ready "garage's layout" node 1 key import --yes -n tests "$key" "$secret"
    node 1 key allow --create-bucket "$key" >/dev/null
    # Tests talk to the first node; the third goes away and comes back as long as they run.
    name_store 127.0.0.1:39171 garage "$key" "$secret"
    trouble &
    trouble=$!
    pids="$pids $trouble"
    suite
    kill $trouble 2>/dev/null || true
    kill "$(cat "$run/garage-3.pid")" 2>/dev/null || true
    say "the third node was killed $(grep -c killed "$run/trouble") times"
}

# Kills the third node in the middle and revives it.
trouble() {
    while true; do
        sleep 3
        kill -9 "$(cat "$run/garage-3.pid")"
        echo killed >>"$run/trouble"
        sleep 3
        start_node 3
        until_ready garage all_connected
    done
}

[ $# -gt 0 ] || set -- embedded garage moto
for store in "$@"; do
    say "$store"
    $store
done
say "all passed: $*"
