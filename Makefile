# `make demo` shows twinbot; `make test` checks everything. Both set up what they need.

SUITABLE := import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11; do \
	$$p -c '$(SUITABLE)' >/dev/null 2>&1 && { echo $$p; break; }; done)
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet

.PHONY: demo test lint nightly catalogs lock clean

demo: $(VENV)/ready
	$(BIN)/twinbot demo

test: $(VENV)/ready-test
	$(MAKE) --no-print-directory lint
	$(BIN)/python -m pytest -n 2 $(TESTS)

lint: $(VENV)/ready-test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/twinbot locales check

nightly: $(VENV)/ready-test
	$(BIN)/python -m pytest --nightly $(TESTS)

catalogs: $(VENV)/ready
	$(BIN)/twinbot locales update

# The lock files name packages and hashes, and no place to fetch them from: that is pip's own setting.
lock: $(VENV)/ready-test
	$(PIP) install uv
	$(BIN)/uv pip compile pyproject.toml --extra test --extra build $(LOCKING) -o requirements-test.lock
	$(BIN)/uv pip compile pyproject.toml --extra build $(LOCKING) -c requirements-test.lock -o requirements.lock

LOCKING := --quiet --universal --python-version 3.11 --generate-hashes --no-annotate --no-header \
	--no-emit-index-url --no-emit-find-links

$(VENV)/made:
	@test -n "$(PYTHON)" && $(PYTHON) -c '$(SUITABLE)' \
		|| { echo "twinbot needs Python 3.11, 3.12 or 3.13; name one: make PYTHON=/path/to/python $(MAKECMDGOALS)"; exit 2; }
	$(PYTHON) -m venv $(VENV)
	touch $@

$(VENV)/ready: $(VENV)/made requirements.lock pyproject.toml
	@echo "Installing twinbot and its pinned dependencies into $(VENV)"
	$(PIP) install --require-hashes -r requirements.lock
	$(PIP) install --no-build-isolation --no-deps -e .
	touch $@

$(VENV)/ready-test: $(VENV)/ready requirements-test.lock
	@echo "Installing what the tests need into $(VENV)"
	$(PIP) install --require-hashes -r requirements-test.lock
	touch $@

clean:
	rm -rf $(VENV) var build *.egg-info
