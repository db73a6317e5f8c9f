# syntax=docker/dockerfile:1
# One image with the three programs: api, worker and smecloud (for `smecloud migrate` and `smecloud admin create`).

FROM rust:1.95-bookworm AS build
WORKDIR /source
COPY Cargo.toml Cargo.lock ./
COPY api api
COPY bench bench
COPY domains domains
COPY embedded embedded
COPY foundation foundation
COPY migrations migrations
COPY seeds seeds
COPY tests tests
COPY worker worker
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/source/target \
    cargo build --release --locked --bin api --bin worker --bin smecloud \
    && install -D -t /programs target/release/api target/release/worker target/release/smecloud

FROM debian:bookworm-slim
# curl is for the health checks.
RUN apt-get update \
    && apt-get install -y --no-install-recommends ca-certificates curl \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --no-create-home --shell /usr/sbin/nologin smecloud
COPY --from=build /programs/ /usr/local/bin/
USER 10001:10001
WORKDIR /
ENV LISTEN_ADDR=0.0.0.0:8080
EXPOSE 8080
STOPSIGNAL SIGTERM
CMD ["api"]
