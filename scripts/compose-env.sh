#!/bin/sh
# Writes .env beside docker-compose.yml with random secrets, once. Losing SECRETS_KEY loses signing keys and second factors.
set -eu

cd "$(dirname "$0")/.."
if [ -e .env ]; then
    echo ".env is there already; nothing is changed." >&2
    exit 0
fi

# $1 random bytes as hexadecimal digits.
random() {
    head -c "$1" /dev/urandom | od -An -tx1 | tr -d ' \n'
}

umask 077
cat >.env.new <<SETTINGS
SECRETS_KEY=$(random 32)
POSTGRES_PASSWORD=$(random 24)
DATABASE_OWNER_PASSWORD=$(random 24)
DATABASE_APP_PASSWORD=$(random 24)
S3_ACCESS_KEY=GK$(random 12)
S3_SECRET_KEY=$(random 32)
GARAGE_RPC_SECRET=$(random 32)
SETTINGS
mv .env.new .env
echo "Random secrets are in .env. Keep it."
