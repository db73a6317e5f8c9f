# `make run` and `make test` do all the set-up they need.
.DEFAULT_GOAL := help
.PHONY: help run test soak fmt setup

CARGO ?= cargo
export RUST_BACKTRACE ?= 1

help: ## Shows this list
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-8s %s\n", $$1, $$2}'

setup: ## Installs what is missing on this machine: PostgreSQL's server programs
	@sh scripts/install-postgresql.sh

run: setup ## Builds and starts everything on http://127.0.0.1:8080, with demo firms the first time
	$(CARGO) build --release --locked --bin smecloud
	@exec ./target/release/smecloud run --demo

test: setup ## Format, lints, and all tests against real parts
	$(CARGO) fmt --all --check
	$(CARGO) clippy --workspace --all-targets --locked -- -D warnings
	$(CARGO) test --workspace --locked

soak: setup ## Long runs: many kills, big models
	$(CARGO) test --workspace --locked -- --ignored

fmt: ## Formats the code
	$(CARGO) fmt --all
