# Needs Python 3.11 or newer and make. Everything else is brought here, pinned and checked, on the first run.

PYTHON ?= python3
ARGS ?=
BIN := .venv/bin
UV := $(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-header

.DEFAULT_GOAL := help
.PHONY: help serve test bench screenshots check audit format build files messages tools lock clean

help: ## show this list
	@sed -n 's/^\([a-z]*\):.*## /  make \1\t/p' $(MAKEFILE_LIST)

serve: build ## serve the page, the signer and a store on this machine (ARGS="--port 9000")
	@$(BIN)/python serve.py $(ARGS)

test: build .venv/.dev ## run every test, in Chromium and Firefox too (ARGS="-k retry")
	@$(BIN)/python -m tests.support.browsers
	@$(BIN)/python -m pytest --numprocesses $$($(BIN)/python -m tests.support.pace) --dist loadgroup --no-loadscope-reorder $(ARGS)

bench: build .venv/.dev ## the wait after Stop on every store, long interviews, many sessions; hours (ARGS="--rates 5 --round-trips 0")
	@$(BIN)/python -m tests.support.browsers
	@$(BIN)/python -m tests.benchmarks.bench $(ARGS)
	@$(BIN)/python -m tests.benchmarks.summary

screenshots: build .venv/.dev ## a picture of every state of the page, into screenshots/ (ARGS="--lang ar")
	@$(BIN)/python -m tests.support.browsers
	@$(BIN)/python -m tests.states.pictures $(ARGS)

check: .venv/.dev ## formatting, lint, types, layers, dead code, dependencies, vulnerabilities
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo --no-cache
	@$(BIN)/vulture
	@$(BIN)/python -W ignore::UserWarning -m deptry .
	@$(MAKE) --no-print-directory audit

audit: .venv/.dev ## known vulnerabilities of what is pinned, and a bill of materials in .build/sbom/
	@$(BIN)/python -m tests.support.audit

format: .venv/.dev ## put the code into its form
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

build: .venv/.runtime ## lay out the page's own Python under static/vendor/
	@$(BIN)/python -m server.build

files: .venv/.runtime ## list app/**/*.py in pyscript.toml
	@$(BIN)/python -m server.build --files

messages: .venv/.runtime ## bring the catalogues of static/locales/ up to date with the sentences in the sources
	@$(BIN)/python -m server.build --messages

.venv/.runtime: requirements/runtime.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Slipstream needs Python 3.11 or newer, and this is " + sys.version.split()[0] + ". Try: make PYTHON=python3.12 …")'
	@test -x $(BIN)/python || { echo "Making .venv"; $(PYTHON) -m venv .venv; }
	@echo "Installing what the server needs (requirements/runtime.txt)"
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --require-hashes --only-binary=:all: -r $<
	@touch $@

tools: .venv/.report .venv/.export .venv/.flagd .venv/.redis ## install what `report`, `sessions export`, flags from flagd and rates in Redis need

.venv/.report: requirements/report.txt .venv/.runtime
	@echo "Installing what the report needs (requirements/report.txt)"
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --require-hashes --only-binary=:all: -r $<
	@touch $@

.venv/.export: requirements/export.txt .venv/.runtime
	@echo "Installing what the export needs (requirements/export.txt)"
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --require-hashes --only-binary=:all: -r $<
	@touch $@

.venv/.flagd: requirements/flagd.txt .venv/.runtime
	@echo "Installing what flags from flagd need (requirements/flagd.txt)"
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --require-hashes --only-binary=:all: -r $<
	@touch $@

.venv/.redis: requirements/redis.txt .venv/.runtime
	@echo "Installing what rates in Redis need (requirements/redis.txt)"
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --require-hashes --only-binary=:all: -r $<
	@touch $@

.venv/.dev: requirements/dev.txt .venv/.report .venv/.export .venv/.flagd .venv/.redis
	@echo "Installing what tests and checks need (requirements/dev.txt)"
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --require-hashes --only-binary=:all: -r requirements/runtime.txt -r requirements/report.txt -r requirements/export.txt -r requirements/flagd.txt -r requirements/redis.txt -r $<
	@touch $@

lock: .venv/.runtime ## pin anew what requirements/*.in and package.json ask for
	@$(BIN)/python -m pip install -qq --disable-pip-version-check uv
	@$(UV) --python-version 3.11 requirements/runtime.in -o requirements/runtime.txt
	@$(UV) --python-version 3.11 requirements/report.in -o requirements/report.txt
	@$(UV) --python-version 3.11 requirements/export.in -o requirements/export.txt
	@$(UV) --python-version 3.11 requirements/flagd.in -o requirements/flagd.txt
	@$(UV) --python-version 3.11 requirements/redis.in -o requirements/redis.txt
	@$(UV) --python-version 3.11 requirements/dev.in -o requirements/dev.txt
	@$(UV) --python-version 3.11 requirements/node.in -o requirements/node.txt
	@$(UV) --python-version 3.14 requirements/browser.in -o requirements/browser.txt
	@npm install --package-lock-only

clean: ## remove all that was brought or built here
	rm -rf .venv .build node_modules static/vendor
