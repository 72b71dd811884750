# `make run` and `make test` need nothing but Python 3.11, 3.12 or 3.13 and make; bin/setup gets the rest.
#   PYTHON=/path/to/python3   the interpreter for .venv (default: the system's own, else the newest that is found); a .venv that is there stays,
#                             so `make clean` comes first
#   ARGS="…"                  more words for the command: make test ARGS="tests/config -x"

PYTHON ?=
ARGS ?=
IN = .venv/bin/python -m
# a lock file's name under .venv says that its contents are installed there; running needs fewer than testing
RUN = .venv/requirements.lock
READY = .venv/requirements-dev.lock

# The gateway is started hundreds of times by its tests; without bytecode beside the sources each start takes three seconds longer.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help setup run test lint format soak chaos bench eval audit lock clean

help: ## these lines
	@sed -n 's/^\([a-z]*\):.*## /make \1\t/p' Makefile | expand -t 14

$(RUN) $(READY): .venv/%: % bin/setup
	@PYTHON='$(PYTHON)' bin/setup $<

setup: $(READY) ## .venv with the locked dependencies

run: $(RUN) ## the gateway on config/gateway.demo.toml, with a rehearsal SMSC
	@$(IN) gateway run --config config/gateway.demo.toml $(ARGS)

# most tests wait for servers and timers, so four side by side keep two processors busy; ARGS="-n 0" runs them one after another
test: $(READY) ## all tests but the soak
	@bin/tools chromium bearerbox:kannel swaks curl redis-server ip:iproute2 promtool:prometheus
	@$(IN) pytest --numprocesses 4 --dist worksteal $(ARGS)

lint: $(READY) ## ruff, mypy --strict, the import law, and the tests that are lints
	@$(IN) ruff check .
	@$(IN) ruff format --check .
	@$(IN) mypy
	@.venv/bin/lint-imports --no-logo
	@$(IN) pytest -q tests/test_house.py

format: $(READY) ## let ruff put the code in order
	@$(IN) ruff check --fix .
	@$(IN) ruff format .

soak: $(READY) ## kill -9 at random under load, 200 rounds and more, and 50 for each door
	@$(IN) pytest -m soak $(ARGS)

chaos: $(READY) ## a load under faults, judged from outside; ARGS="--messages 1000000 --faults 1000" for the long run (RELIABILITY.md)
	@$(IN) chaos $(ARGS)

bench: $(READY) ## the table of BENCHMARKS.md
	@$(IN) bench $(ARGS)

eval: $(READY) ## how well messages are read, on labelled ones; ARGS="--half tune --show" names what went wrong
	@$(IN) evaluation $(ARGS)

audit: $(READY) ## known faults of the locked dependencies; asks a service on the network
	@$(IN) pip_audit --strict --disable-pip --require-hashes -r requirements-dev.lock $(ARGS)

lock: $(READY) ## write the lock files from pyproject.toml; ARGS=--upgrade for newer versions
	@bin/lock $(ARGS)

clean: ## remove .venv and every cache; var/ stays
	@rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis .coverage htmlcov build dist
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
