# syntax=docker/dockerfile:1
# One image with the three programs: api, worker and smecloud (for `smecloud migrate` and `smecloud admin create`).
# It holds them, the C library they need and nothing else: no shell, no package manager, no root.

FROM rust:1.95-bookworm AS manifests
COPY . /source
# Manifests and empty sources: the same content, and so the same layers below, until a dependency changes.
RUN cd /source \
    && find . -name '*.rs' ! -name main.rs -exec truncate --size 0 {} + \
    && find . -name main.rs -exec sh -c 'for file; do echo "fn main() {}" > "$file"; done' sh {} + \
    && mkdir /manifests \
    && find . \( -name '*.rs' -o -name Cargo.toml -o -name Cargo.lock \) -exec cp --parents {} /manifests/ \;

FROM rust:1.95-bookworm AS build
WORKDIR /source
COPY --from=manifests /manifests ./
# The dependencies, which take longest.
RUN cargo build --release --locked --bin api --bin worker --bin smecloud
COPY . .
# Cargo tells by their time that the sources are not the empty ones any more.
RUN find . -name '*.rs' -not -path './target/*' -exec touch {} + \
    && cargo build --release --locked --bin api --bin worker --bin smecloud
RUN install -D -t /image/usr/local/bin target/release/api target/release/worker target/release/smecloud \
    && ldd /image/usr/local/bin/* | grep --only-matching '/lib[^ ]*' | sort --unique \
        | xargs --max-args 1 sh -c 'install -D "$(realpath "$0")" "/image$0"' \
    && install -D /etc/ssl/certs/ca-certificates.crt /image/etc/ssl/certs/ca-certificates.crt \
    && echo 'smecloud:x:10001:10001::/:/nonexistent' > /image/etc/passwd \
    && install --directory --mode 1777 /image/tmp

FROM scratch
COPY --from=build /image /
USER 10001:10001
WORKDIR /
ENV PATH=/usr/local/bin LISTEN_ADDR=0.0.0.0:8080
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=5s --timeout=5s --retries=12 --start-period=10s \
    CMD ["smecloud", "check", "http://127.0.0.1:8080/readyz"]
CMD ["api"]
