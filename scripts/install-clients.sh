#!/bin/sh
# Installs the clients of others that the integration suite drives, and Node.js for them. Does nothing when they are there.
# Node.js comes from the system's packages (root or passwordless sudo), the clients from npm as tests/clients/package-lock.json says.
set -eu

clients=$(dirname "$0")/../tests/clients

# Whether a Node.js that is new enough is there, with npm.
usable() {
    command -v node >/dev/null && command -v npm >/dev/null || return 1
    [ "$(node --print 'process.versions.node.split(".")[0]')" -ge 18 ]
}

# Whether what the lock file names is installed.
installed() {
    [ -e "$clients/node_modules/.package-lock.json" ] &&
        [ ! "$clients/package-lock.json" -nt "$clients/node_modules/.package-lock.json" ]
}

as_root() {
    if [ "$(id -u)" -eq 0 ]; then
        env DEBIAN_FRONTEND=noninteractive "$@"
    else
        sudo -n env DEBIAN_FRONTEND=noninteractive "$@"
    fi
}

install_node() {
    command -v apt-get >/dev/null || return 1
    [ "$(id -u)" -eq 0 ] || { command -v sudo >/dev/null && sudo -n true 2>/dev/null; } || return 1
    echo "Installing Node.js with apt-get ..."
    as_root apt-get update -q || return 1
    as_root apt-get install -q -y --no-install-recommends nodejs npm
}

if ! usable; then
    install_node || true
fi
if ! usable; then
    echo "Node.js 18 or newer with npm is needed for the tests and could not be installed: sudo apt-get install nodejs npm" >&2
    exit 1
fi
installed && exit 0
echo "Installing the clients of the integration suite with npm ..."
(cd "$clients" && npm ci --no-audit --no-fund --ignore-scripts --loglevel=error)
# Newer than the lock file, whatever the times in it are.
touch "$clients/node_modules/.package-lock.json"
