# Groundswell. `make run` and `make test` do all the set-up themselves on a fresh machine.

SHELL := /bin/sh
VENV := .venv
BIN := $(VENV)/bin
FLASK := $(BIN)/flask --app wsgi
# What the tests reach is measured by `make test COVERAGE=yes`, with a floor: it makes them half as slow
# again, and the whole has to be done within ten minutes on two cores.
MEASURED := $(if $(COVERAGE),--cov --cov-report=term:skip-covered)
# A module is compiled once, and not by each of the many processes that the tests start.
export PYTHONDONTWRITEBYTECODE :=
PACKAGES := app.py config.py wsgi.py core staff branches payments members sample sandbox tests benchmarks

.DEFAULT_GOAL := help
.PHONY: help run ready sample test check compiled bench lock messages

help:  ## Say what there is
	@sed -n 's/^\([a-z]*\):.*## /  make \1	/p' $(MAKEFILE_LIST)

run: ready  ## Start it all on this machine: web, worker, sandbox
	@exec $(BIN)/python -m sandbox

sample: ready  ## Add 10,000 people who are nobody, with two years of dues, gifts and texts
	@$(FLASK) staff sample-seats
	@$(BIN)/python -m sample

ready: $(VENV)/.run
	@$(FLASK) branches index build --unless-current
	@$(FLASK) db upgrade
	@$(FLASK) branches load directory --unless-loaded

test: $(VENV)/.test  ## Run every check there is
	@$(MAKE) --no-print-directory -j2 check compiled
	@sh tests/tools.sh
	@$(BIN)/pytest -n $(or $(JOBS),4) --dist loadgroup $(MEASURED)

# The tests are compiled on the processor that the types leave free. What does not, is told by the tests.
compiled: $(VENV)/.test
	@$(BIN)/pytest --collect-only -qq >/dev/null 2>&1 || :

check: $(VENV)/.test  ## Style, types and import contracts only
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/mypy $(PACKAGES)
	@$(BIN)/lint-imports --no-cache

bench: $(VENV)/.test $(VENV)/bench/.done  ## Measure what should be fast
	@over=; for each in benchmarks/[a-z]*.py; do name=$$(basename $$each .py); \
	  $(BIN)/python -m "benchmarks.$$name" || over="$$over $$name"; done; \
	if [ -n "$$over" ]; then echo "Over a limit of its own:$$over"; exit 1; fi

lock: $(VENV)/.test  ## Lock the requirements anew
	@for each in requirements requirements-dev requirements-bench; do \
	  $(BIN)/uv pip compile --universal --python-version 3.11 --generate-hashes --upgrade \
	    --no-emit-index-url --no-header --quiet --output-file $$each.txt $$each.in; done

messages: $(VENV)/.run  ## Collect the words for translators
	@$(BIN)/pybabel extract --mapping-file babel.cfg --keyword _l --output-file messages.pot --sort-output .

$(VENV)/bin/python:
	@python3 -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Groundswell needs Python 3.11 or newer")'
	@python3 -m venv $(VENV)

$(VENV)/.run: requirements.txt $(VENV)/bin/python
	@echo "Installing what the service needs ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $<
	@touch $@

$(VENV)/.test: requirements-dev.txt $(VENV)/.run
	@echo "Installing what the checks need ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $<
	@touch $@

# What we measure ourselves against, apart from all that is ours.
$(VENV)/bench/.done: requirements-bench.txt $(VENV)/bin/python
	@echo "Installing what the measurements compare with ..."
	@python3 -m venv $(VENV)/bench
	@$(VENV)/bench/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $<
	@touch $@
