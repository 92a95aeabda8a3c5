# warraq: `make crawl` has an archive for you, `make test` proves the code. Each target sets up .venv by itself.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
STAMP  := $(VENV)/.installed
OUTLET ?=
ARGS   ?=

.PHONY: help setup crawl test lint format bench docs clean
help:            ## what there is to do
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 14

setup: $(STAMP)  ## .venv from the pinned lock (hashes checked); nothing to do when nothing changed

$(STAMP): requirements/dev.txt pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@if command -v uv >/dev/null 2>&1; then uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements/dev.txt; \
	 else $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt; fi
	@$(BIN)/python -c "import pathlib, site; pathlib.Path(site.getsitepackages()[0], 'warraq.pth').write_text('$(CURDIR)\n', 'utf-8')"
	@printf '#!%s\nimport sys\nfrom crawler.cli import main\nsys.exit(main())\n' '$(CURDIR)/$(BIN)/python' > $(BIN)/warraq && chmod +x $(BIN)/warraq
	@touch $@

crawl: $(STAMP)  ## crawl the bundled demo site, or a real one: make crawl OUTLET=https://… ARGS="--max-pages 50"
	@if [ -n "$(OUTLET)" ]; then $(BIN)/warraq crawl "$(OUTLET)" $(ARGS); else $(BIN)/warraq demo $(ARGS); fi

test: $(STAMP)   ## every test (slow ones too; browser and PostgreSQL tests where there are such)
	$(BIN)/python -m pytest $(ARGS)

lint: $(STAMP)   ## ruff, mypy strict, import contracts, lock in step with pyproject
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(STAMP) ## put the code in order
	$(BIN)/ruff check --fix . && $(BIN)/ruff format .

bench: $(STAMP)  ## the measurements of docs/benchmarks.md
	$(BIN)/python -m tests.bench $(ARGS)

lock:            ## resolve again (needs uv); no index address goes into the files
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-header --extra postgres pyproject.toml -o requirements/base.txt
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-header --extra postgres --group dev pyproject.toml -o requirements/dev.txt

clean:           ## what make made
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .import_linter_cache build dist *.egg-info demo-archive
