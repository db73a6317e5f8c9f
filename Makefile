# `make run` and `make test` do all the set-up they need.
.DEFAULT_GOAL := help
.PHONY: help setup clients run test test-s3 soak bench plant-faults fmt

CARGO ?= cargo
export RUST_BACKTRACE ?= 1

# Settings of `make run` alone; anything in the environment goes before them.
run: export DATA_DIR ?= ./data
run: export METRICS_ADDR ?= 127.0.0.1:9090

help: ## Shows this list
	@grep -E '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

setup: ## Installs what is missing on this machine: PostgreSQL's server programs
	@command -v $(CARGO) >/dev/null || { echo "Rust is missing: install it from https://rustup.rs" >&2; exit 1; }
	@command -v cc >/dev/null || { echo "A C compiler is missing: sudo apt-get install build-essential" >&2; exit 1; }
	@sh scripts/install-postgresql.sh

run: setup ## Builds and starts everything on http://127.0.0.1:8080, with demo firms the first time
	@echo "Building SME Cloud; the first time takes some minutes ..."
	@$(CARGO) build --release --locked --bin smecloud
	@echo "Starting SME Cloud with its data in $(DATA_DIR) ..."
	@exec ./target/release/smecloud run --demo

clients:
	@sh scripts/install-clients.sh

test: setup clients ## Format, lints, and all tests against real parts
	$(CARGO) fmt --all --check
	$(CARGO) clippy --workspace --all-targets --locked -- -D warnings
	$(CARGO) test --workspace --locked

test-s3: setup clients ## The storage's tests against three object stores: embedded, garage (three nodes, one is killed), moto
	@CARGO="$(CARGO)" sh scripts/test-s3.sh

soak: setup ## Long runs: many kills
	OBJECT_STORE_CRASH_ROUNDS=200 $(CARGO) test --locked -p object_store -- kill_minus_nine
	$(CARGO) test --workspace --locked -- --ignored soak_

bench: setup ## Measures the API next to PostgreSQL alone; see docs/PERFORMANCE.md
	@$(CARGO) build --release --locked -p api -p bench
	@"$${CARGO_TARGET_DIR:-target}/release/bench"

plant-faults: setup ## Breaks the code in thirteen places, one at a time, and demands that the tests see each
	@CARGO=$(CARGO) sh scripts/plant-faults.sh

fmt: ## Formats the code
	$(CARGO) fmt --all
