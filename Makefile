# All that a developer needs to know. `make` alone lists it; a fresh machine needs Python >= 3.11, pip, make and a C
# compiler, everything else is brought by the targets themselves, in locked versions whose hashes are checked.

PYTHON ?= python3
SEED ?= 1
SEEDS ?= 1000000
UV ?= uv==0.13.9
UPGRADE ?=

BIN := .venv/bin
WITH_NODE := PATH="$(CURDIR)/$(BIN):$$PATH"
PYTEST := $(BIN)/python -m pytest
COMPILE = uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header $(UPGRADE)

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help demo test check bench sim sim-night fuzz console docs lock clean python node chromium

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-9s %s\n", $$1, $$2 }' Makefile

demo: console ## set everything up, then play the demonstration and open the console
	@$(BIN)/keepclear demo

test: check console ## set everything up, then run every check and every test
	@echo "== console, unit tests"; $(WITH_NODE) npm --prefix console run --silent test
	@echo "== pytest"; CHROMIUM="$$(scripts/chromium.sh)" && export CHROMIUM && scripts/age.sh >/dev/null && $(PYTEST) -q -n 2 --dist worksteal

check: python node ## lint, format, contracts between the places, types
	@echo "== ruff"; $(BIN)/ruff check --quiet . && $(BIN)/ruff format --check --quiet .
	@echo "== contracts"; found="$$($(BIN)/lint-imports)" || { echo "$$found"; exit 1; }
	@echo "== types, Python"; $(WITH_NODE) console/node_modules/.bin/pyright --pythonpath $(BIN)/python
	@echo "== types, console"; $(WITH_NODE) npm --prefix console run --silent check

bench: python ## measure what has a budget
	@for script in bench/*.py; do echo "== $$script"; $(BIN)/python "$$script" || exit 1; done

sim: python ## play one simulated watch and one simulated line from a seed: make sim SEED=7
	@$(BIN)/python tests/sim/run.py --seed $(SEED)
	@$(BIN)/python tests/sim/lines.py --seed $(SEED)

sim-night: python ## play a night of simulated lines on every core: make sim-night SEED=1 SEEDS=1000000
	@$(BIN)/python tests/sim/lines.py --seed $(SEED) --seeds $(SEEDS) --jobs "$$($(BIN)/python -c 'import os; print(os.cpu_count())')"

fuzz: python ## give every reader of outside bytes far more of them than make test does
	@HYPOTHESIS_PROFILE=fuzz $(PYTEST) -q -n 2 tests/fuzz

console: python node ## build the console from its own source
	@$(WITH_NODE) $(BIN)/python scripts/build_console.py

docs: python ## write the parts of the documentation that come from the code
	@for script in state_tables command_page word_lists house_map; do $(BIN)/python scripts/$$script.py || exit 1; done

lock: ## write requirements/*.txt again from *.in (UPGRADE=--upgrade takes newer versions)
	@set -e; tools="$$(mktemp -d)"; trap 'rm -rf "$$tools"' EXIT; \
	$(PYTHON) -m venv "$$tools" && "$$tools/bin/pip" --quiet install "$(UV)"; export PATH="$$tools/bin:$$PATH"; \
	$(COMPILE) -o requirements/run.txt requirements/run.in; \
	$(COMPILE) -c requirements/run.txt -o requirements/dev.txt requirements/dev.in; \
	$(COMPILE) -o requirements/node.txt requirements/node.in

clean: ## remove all that the other targets made
	rm -rf .venv console/node_modules src/keepclear/edge/web build src/*.egg-info
	rm -rf .pytest_cache .ruff_cache .import_linter_cache .hypothesis

python:
	@$(PYTHON) scripts/prepare_python.py

node: python
	@$(BIN)/python scripts/prepare_node.py
