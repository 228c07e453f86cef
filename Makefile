# Try, test and change todoku. Needs CPython 3.11 or later with its venv module, and make; the rest comes by itself.

PYTHON ?= python3
BIN    := .venv/bin
PIP    := $(BIN)/pip install -qq --disable-pip-version-check --no-build-isolation --use-pep517
PIN    := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
          --no-emit-find-links --no-annotate --custom-compile-command "make lock"
LOCK   := $(PIN) pyproject.toml --extra alerts --extra aws --extra google --extra msg --extra store
FAST   := tests/unit tests/test_house.py tests/test_cases.py

.DEFAULT_GOAL := help
.PHONY: help demo test test-live torture check format lock docs rfc-index house bench bench-domains fuzz clean

help:  ## this list
	@sed -n 's/^\([a-z-]*\):.*## /  make \1\t/p' Makefile | expand -t 20

demo: .venv/installed  ## judge an example message, with its DNS from a file: no network, no account
	@$(BIN)/todoku check examples/ses-default.eml --dns zone:examples/dns.zone || test $$? -eq 1  # 1: it found something

test: .venv/installed-dev  ## everything that CI runs
	@sh tools/debian_packages.sh
	$(BIN)/pytest -n 2

torture: .venv/installed-dev  ## the store and its sources, killed and broken off a thousand times
	TODOKU_TORTURE=1 $(BIN)/pytest -n 2 tests/intake tests/sources tests/store

test-live: .venv/installed-dev  ## check your own SES account, reading only: TODOKU_LIVE_SES=1, or =ses:PROFILE@REGION
	$(BIN)/pytest -rs tests/live

check: .venv/installed-dev  ## the loop of a minute: format, lint, types, imports, fast tests
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	$(BIN)/pytest -q -n 2 $(FAST)

format: .venv/installed-dev  ## format the code and mend what ruff can mend
	$(BIN)/ruff format
	$(BIN)/ruff check --fix

lock: .venv/installed-dev  ## pin every dependency anew, by hash
	$(LOCK) --upgrade --extra demo --group build --group dev --output-file requirements-dev.lock
	$(LOCK) --group build --constraint requirements-dev.lock --output-file requirements.lock
	$(PIN) fuzz/requirements.in --upgrade --output-file fuzz/requirements.lock

docs: rfc-index  ## the pages that are made from the code
	$(BIN)/python tools/docs.py

rfc-index: .venv/installed-dev  ## docs/rfc-index.md: which file carries out which section of which RFC
	$(BIN)/python tools/rfc_index.py > docs/rfc-index.md

bench: .venv/installed-dev  ## what authentication costs beside the peers (needs their benchmark inputs)
	@$(BIN)/pip install -qq --disable-pip-version-check pyspf authres authheaders pynacl
	$(BIN)/python bench/auth.py

bench-domains: .venv/installed-dev  ## what it costs to check 500 domains, beside checkdmarc (needs Knot: tests/debian.txt)
	@$(PYTHON) -m venv .venv/peer && .venv/peer/bin/pip install -qq --disable-pip-version-check checkdmarc
	TODOKU_CHECKDMARC=.venv/peer/bin/python $(BIN)/python bench/domains.py

house: .venv/installed-dev  ## the figures of the code: how long, how often called, which names stand twice
	@$(BIN)/python tools/house.py

MINUTES ?= 10
fuzz: .venv/installed-dev  ## attack every parser for MINUTES=10 in all
	@$(PIP) --require-hashes --requirement fuzz/requirements.lock
	$(BIN)/python fuzz/run.py --minutes $(MINUTES)

clean:  ## forget what was installed and cached
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "todoku needs Python 3.11 or later; say which: make PYTHON=python3.12 ..." >&2; exit 2; }
	@$(PYTHON) -m venv .venv || { echo "Python's venv module is missing: apt-get install python3-venv" >&2; exit 2; }

.venv/installed: requirements.lock pyproject.toml | .venv/bin/python
	@echo "Installing what todoku needs into .venv ..." >&2
	@$(PIP) --require-hashes --requirement requirements.lock
	@$(PIP) --no-deps --editable .
	@touch $@

.venv/installed-dev: requirements-dev.lock .venv/installed
	@echo "Installing what its tests need into .venv ..." >&2
	@$(PIP) --require-hashes --requirement requirements-dev.lock
	@touch $@
