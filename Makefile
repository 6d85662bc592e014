# What a person or CI does with this checkout. `make` alone tells.

CARGO ?= cargo
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.PHONY: help setup build release demo test tests tidy lint unit external bench bench-contextforge scale perf \
  perf-accept profile eval conformance soak soak-kill soak-import soak-vault soak-scale \
  soak-transports soak-canary soak-crash clean

help: ## Tell what there is to make
	@echo "Varistor: a security gateway for MCP"
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1|\2/' \
	  | column -t -s '|'

# What builds once has no use for what makes the second build shorter, and it is gigabytes.
ifdef CI
export CARGO_INCREMENTAL := 0
endif

setup: ## Install what is missing: Debian, Rust, Node and Python packages
	@tests/setup/disk.sh
	@tests/setup/debian.sh
	@tests/setup/rust.sh
	@tests/setup/node.sh
	@tests/setup/python.sh

build: ## Build the three programs (debug)
	@tests/setup/debian.sh
	@echo "== building varistor, varictl and varistor-bench"
	@$(CARGO) build --locked --bins

release: ## Build the gateway to ship, optimised by a profile of its work (half an hour)
	@tests/setup/debian.sh
	@perf/release.sh

demo: ## Show the gateway at work on this machine
	@tests/setup/debian.sh
	@bench/demo.sh

test: setup lint unit perf external ## Everything that must hold; what CI runs
	@echo "== all tests passed"

tidy: ## Hold the house rules (seconds)
	@echo "== house rules"
	@$(CARGO) test --locked --quiet -p varistor-tests --test tidy

lint:
	@echo "== formatting"
	@$(CARGO) fmt --all --check
	@echo "== clippy, no warnings"
	@$(CARGO) clippy --locked --quiet --workspace --all-targets -- -D warnings
	@echo "== documentation, no warnings"
	@RUSTDOCFLAGS="-D warnings" $(CARGO) doc --locked --quiet --workspace --no-deps \
	  --document-private-items

# Half a minute each of all cores; `make soak-scale` runs them.
SERIES := package(varistor-bench) & test(/^scale::(series_of|a_larger_policy)/)

# One selection of packages for programs and tests alike: with another, cargo builds what they share
# once more, with other features.
tests:
	@tests/setup/debian.sh
	@echo "== building the programs and their tests"
	@$(CARGO) build --locked --workspace --bins --tests

unit: tests
	@echo "== unit tests, house rules, and tests through the built programs"
	@$(CARGO) nextest run --locked --workspace -E 'not (binary(external) or $(SERIES))'
	@echo "== examples in the documentation"
	@$(CARGO) test --locked --quiet --workspace --doc

external: tests ## The official suite and the SDKs, through the gateway and without it
	@echo "== conformance suite, SDKs and Inspector (through the gateway and without it)"
	@$(CARGO) nextest run --locked --workspace -E 'binary(external)'

bench: ## Compare with nginx, haproxy and a bare proxy (minutes)
	@tests/setup/debian.sh
	@echo "== building with the release profile (some minutes the first time)"
	@$(CARGO) build --locked --release --bins
	@$${CARGO_TARGET_DIR:-target}/release/varistor-bench compare --connections 32,256 \
	  --rounds 3 --seconds 2.5

bench-contextforge: ## Measure CPU per call beside a ContextForge from PyPI (installs 250 MB)
	@tests/setup/debian.sh
	@bench/contextforge-ratio.sh

scale: ## Grow agents, tools, rules, bodies and more, one at a time (FULL=1: up to a million)
	@tests/setup/debian.sh
	@echo "== building with the release profile (some minutes the first time)"
	@$(CARGO) build --locked --release --bins
	@$${CARGO_TARGET_DIR:-target}/release/varistor-bench scale $${FULL:+--full} \
	  --out target/scale.jsonl --plot target/scale

perf: tests ## Hold instructions and allocations of each stage to their budgets
	@tests/setup/rust.sh
	@echo "== instructions and allocations of each stage (the first time, minutes of building)"
	@$${CARGO_TARGET_DIR:-target}/debug/varistor-perf check

perf-accept: tests ## Make today's counts the budgets (perf/budgets.toml)
	@tests/setup/rust.sh
	@$${CARGO_TARGET_DIR:-target}/debug/varistor-perf accept

profile: ## Profile the gateway under load and draw a flame graph (target/profile.svg)
	@tests/setup/debian.sh
	@echo "== building with the release profile (some minutes the first time)"
	@$(CARGO) build --locked --release --bins
	@perf/profile.sh

eval: ## Measure DLP, intent, flags (EVAL=, EVAL_INTENT=, EVAL_FLAGS=FILE of labels; BASELINES=1)
	@tests/setup/debian.sh
	@echo "== building varictl with the release profile (some minutes the first time)"
	@$(CARGO) build --locked --release -p varictl
	@tests/eval/run.sh

soak: build ## Load the gateway for MINUTES (default 10) and watch memory and descriptors
	@MINUTES=$${MINUTES:-10} tests/soak/run.sh

soak-kill: build ## Pull the kill switch KILLS times (default 1000) on each driver under overload
	@VARISTOR_KILLS=$${KILLS:-1000} $(CARGO) test --locked -p varistor-tests --test e2e kill_times -- \
	  --nocapture --test-threads 1

soak-import: tests ## Kill KILLS (default 200) imports of a client's servers at random
	@VARISTOR_IMPORT_KILLS=$${KILLS:-200} $(CARGO) nextest run --locked --workspace \
	  -E 'package(varictl) & test(a_killed_import)' --no-capture

conformance: tests ## Print what the official suite counts by carrier, era and bridge (minutes)
	@VARISTOR_MATRIX=1 $(CARGO) nextest run --locked --workspace --no-capture \
	  -E 'binary(external) and test(the_whole_matrix)'

soak-transports: tests ## 100,000 interleaved calls over all transports, 9,000 idle streams, 1,000 restarts
	@$(CARGO) build --locked --release --bins
	@$(CARGO) build --locked --release -p varistor-tests --bins
	@VARISTOR_CALLS=100000 VARISTOR_STREAMS=9000 VARISTOR_RESTARTS=1000 \
	  VARISTOR_BIN_DIR=$$(realpath $${CARGO_TARGET_DIR:-target}/release) \
	  $(CARGO) nextest run --locked --workspace --profile soak --no-capture \
	  -E 'binary(e2e) and test(/interleaved|idle_streams|restarts_leak/)'

soak-vault: tests ## Kill KILLS (default 1000) changes of a vault at random; flip each byte of one
	@VARISTOR_VAULT_KILLS=$${KILLS:-1000} VARISTOR_VAULT_FLIPS=all \
	  $(CARGO) nextest run --locked --workspace --no-capture \
	  -E 'package(varictl) & test(killed_changes) | package(varistor-vault) & test(flips_swaps)'

soak-canary: tests ## Look for every secret and token in all that comes out of CALLS (100,000) calls
	@VARISTOR_CANARY_CALLS=$${CALLS:-100000} $(CARGO) nextest run --locked --workspace \
	  --profile soak --no-capture -E 'binary(e2e) and test(canary)'

soak-scale: tests ## Run the tests of `varistor-bench scale` that are too long for `make test`
	@$(CARGO) nextest run --locked --workspace -E '$(SERIES)'

soak-crash: tests ## Kill gateways (CRASHES=1000), cut power (CUTS=500; simulated STATES=1000000), on each driver
	@VARISTOR_CRASHES=$${CRASHES:-1000} VARISTOR_POWER_CUTS=$${CUTS:-500} \
	  VARISTOR_STATES=$${STATES:-1000000} $(CARGO) nextest run \
	  --locked --workspace --profile soak --no-capture \
	  -E '(binary(e2e) & test(/power_cuts|killed_gateway_leaves/)) + test(no_power_cut_takes)'

clean: ## Remove what was built and downloaded
	@rm -rf target tests/node/node_modules
