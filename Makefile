# One entry point each; every target sets up what it needs by itself.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
# one more than there are cores: some tests wait
PARALLEL := --numprocesses $(shell expr $$(nproc) + 1) --dist worksteal

.PHONY: help setup fly test test-all check bench lock clean

help:
	@echo "make fly    fly 'launch and survey' once on the embedded autopilot (no aircraft, no installation)"
	@echo "make test   the tests            make test-all   with the long ones"
	@echo "make check  ruff, mypy, import rules, wheel contents"
	@echo "make bench  the measured figures of this machine"

$(STAMP): pyproject.toml requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Pilotfish needs Python 3.11 or newer: make PYTHON=/path/to/python3.11 fly")'
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "Python has no venv module: sudo apt install python3-venv"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $(STAMP)

setup: $(STAMP)

fly: $(STAMP)
	$(BIN)/sitl fly

# First what bears company, on all cores; then the whole stacks that keep real time, alone.
test: $(STAMP)
	$(BIN)/pytest -m "not slow and not real_time" $(PARALLEL); first=$$?; $(BIN)/pytest -m "not slow and real_time" && exit $$first

test-all: $(STAMP)
	$(BIN)/pytest -m "not real_time" $(PARALLEL); first=$$?; $(BIN)/pytest -m real_time && exit $$first

check: $(STAMP)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python tests/wheel.py

bench: $(STAMP)
	$(BIN)/python -m tests.bench

lock:
	$(BIN)/uv pip compile pyproject.toml --group dev --universal --generate-hashes --python-version 3.11 --no-header -o requirements.lock

clean:
	rm -rf $(VENV) dist build .mypy_cache .pytest_cache .ruff_cache
