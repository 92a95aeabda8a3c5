# warraq: `make crawl` has an archive for you, `make test` proves the code. Each target sets up .venv by itself.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
STAMP  := $(VENV)/.installed
OUTLET ?=
ARGS   ?=

.PHONY: help setup crawl test lint format bench tools lock clean
help:            ## what there is to do
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 14

setup: $(STAMP)  ## .venv from the pinned lock (hashes checked); nothing to do when nothing changed

$(STAMP): requirements/dev.txt pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@if command -v uv >/dev/null 2>&1; then install="uv pip install --quiet --compile-bytecode --python $(BIN)/python"; \
	 else install="$(BIN)/python -m pip install --quiet --disable-pip-version-check"; fi; \
	 $$install --require-hashes -r requirements/dev.txt && $$install --no-deps --no-build-isolation -e .
	@touch $@

crawl: $(STAMP)  ## crawl the bundled demo site, or a real one: make crawl OUTLET=https://… ARGS="--max-pages 50"
	@if [ -n "$(OUTLET)" ]; then $(BIN)/warraq crawl "$(OUTLET)" $(ARGS); else $(BIN)/warraq demo $(ARGS); fi

test: $(STAMP)   ## every test (slow ones too; browser and PostgreSQL tests where there are such)
	$(BIN)/python -m pytest -n auto --dist loadfile $(ARGS)

lint: $(STAMP)   ## ruff, mypy strict, import contracts, lock in step with pyproject
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(STAMP) ## put the code in order
	$(BIN)/ruff check --fix . && $(BIN)/ruff format .

bench: $(STAMP)  ## the measurements of docs/benchmarks.md
	$(BIN)/python -m tests.bench $(ARGS)

tools: .venv-tools/.installed  ## other people's tools that our files are held against, in an environment of their own

.venv-tools/.installed: requirements/tools.txt
	$(PYTHON) -m venv .venv-tools
	@if command -v uv >/dev/null 2>&1; then uv pip install -q --python .venv-tools/bin/python --require-hashes -r $<; \
	 else .venv-tools/bin/python -m pip install -q --disable-pip-version-check --require-hashes -r $<; fi
	@touch $@

lock:            ## resolve again (needs uv); no index address goes into the files
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-header --extra postgres pyproject.toml -o requirements/base.txt
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-header --extra postgres --group dev pyproject.toml -o requirements/dev.txt
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-header requirements/tools.in -o requirements/tools.txt

clean:           ## what make made
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .import_linter_cache build dist *.egg-info demo-archive
