# Everything runs in .venv; nothing is installed outside of it.
PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check -q

# Bytecode is kept, whatever the shell says: the tests start many processes, and each of pytest's would rewrite
# all asserts anew.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: run test check pytest venv format crash bench lock clean

run: venv
	@exec $(BIN)/inkling run

venv: .venv/installed

.venv/installed: requirements.lock pyproject.toml
	$(PYTHON) -m venv .venv
	$(PIP) install --require-hashes -r requirements.lock
	$(PIP) install --no-deps --no-build-isolation -e .
	@touch $@

.venv/installed-dev: requirements-dev.lock .venv/installed
	$(PIP) install --require-hashes -r requirements-dev.lock
	@touch $@

# Side by side: many tests wait for something, and the checks use that time.
test: .venv/installed-dev
	@$(MAKE) --no-print-directory -j2 --output-sync=target check pytest

check: .venv/installed-dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

pytest: .venv/installed-dev
	$(BIN)/pytest -n 5 --dist worksteal

# The same crash tests as in `test`, with more rounds.
crash: .venv/installed-dev
	CRASH_ROUNDS=30 $(BIN)/pytest tests/crash

bench: .venv/installed-dev
	$(BIN)/python -m benchmarks

format: .venv/installed-dev
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

# Needs uv; writes names, versions and hashes only.
lock:
	uv pip compile -q --universal --generate-hashes --no-emit-index-url --no-header pyproject.toml requirements-build.in -o requirements.lock
	uv pip compile -q --universal --generate-hashes --no-emit-index-url --no-header --extra dev -c requirements.lock pyproject.toml requirements-build.in -o requirements-dev.lock

clean:
	rm -rf .venv .mypy_cache .pytest_cache .ruff_cache .import_linter_cache
