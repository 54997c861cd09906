# The whole service by hand: `make run` starts it, `make test` checks it; both install what they need.
PYTHON ?= python3.11
BIN := .venv/bin

.PHONY: setup run test check lock clean

setup: .venv/.installed

.venv/.installed: requirements.lock pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@echo "正在安装依赖，第一次约需一两分钟……"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

run: setup
	@exec $(BIN)/youcai run

test: setup
	$(BIN)/python -m pytest -n auto --dist worksteal

check: setup
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	MYPYPATH=bench $(BIN)/mypy bench/*.py
	$(BIN)/lint-imports --no-logo 2>/dev/null || $(BIN)/lint-imports

# Needs pip-tools on the PATH; writes no address into the lock.
lock:
	pip-compile --quiet --upgrade --extra dev --generate-hashes --allow-unsafe --strip-extras \
	  --no-emit-index-url --no-emit-find-links --no-emit-trusted-host --no-header -o requirements.lock pyproject.toml

clean:
	rm -rf .venv var .mypy_cache .pytest_cache .ruff_cache .import_linter_cache
