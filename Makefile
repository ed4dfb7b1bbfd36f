# The one front door: CI and people call the same targets. `make help` lists them.
SHELL := /bin/bash
BIN := .venv/bin
# Where pytest's own options go: make test PYTEST="-k frontend"
PYTEST ?=
# How long the fuzzer runs, the seed of its first program, and its other options: make fuzz MINUTES=10 SEED=1000
MINUTES ?= 5
SEED ?= 0
FUZZ ?=
# Options of the faults' runner: make mutants MUTANTS="--file legality --log docs/results/mutants.md"
MUTANTS ?=
# The wheel of node that the dev extra brings is used; nothing is looked up or fetched.
export PYRIGHT_PYTHON_IGNORE_WARNINGS := 1

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help setup setup-run setup-bench demo bench test mutants coverage soak check format docs fuzz clean

help: ## List the targets
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | while IFS=$$'\t' read -r name text; do \
		printf '  make %-10s %s\n' "$$name" "$$text"; done

setup: ## Install everything that development needs into .venv, and the Debian packages
	@scripts/setup.sh dev

setup-run:
	@scripts/setup.sh run

setup-bench:
	@scripts/setup.sh bench

demo: setup-run ## Optimize the heat solver in examples/, apply the patch, compare the checksums
	@scripts/demo.sh

bench: setup-bench ## Compare models and baselines on the kernels, and write the report (about 45 minutes; goes on if killed)
	$(BIN)/loopwright bench run --suite paper --models none,embedded --store out/bench.db --resume
	$(BIN)/loopwright report out/bench.db -o docs/results --name bench

test: setup check ## Run every check and every test (under 20 minutes on two cores)
	$(BIN)/pytest -n 2 $(PYTEST)

mutants: setup ## Break each rule on purpose and see a test go red (about 20 minutes; goes on if interrupted)
	@PYTHONPATH=tests $(BIN)/python -m mutation $(MUTANTS)

coverage: setup ## Measure the lines of legality, codegen and verify that no test reaches, and write docs/coverage.md
	$(BIN)/python scripts/measure_coverage.py

soak: setup ## Kill campaigns at random moments for MINUTES (10) and look for what is lost or left behind
	$(BIN)/python tests/soak.py --minutes $(or $(MINUTES),10)

check: setup ## Format, lint, types, import contract, generated pages, docs build
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/pyright
	$(BIN)/lint-imports
	$(BIN)/python scripts/generate_docs.py --check
	$(BIN)/properdocs build --strict --site-dir build/site

format: setup ## Format the code and mend what ruff can mend
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

docs: setup ## Write the generated pages anew and build the site into build/site
	$(BIN)/python scripts/generate_docs.py
	$(BIN)/properdocs build --strict --site-dir build/site

fuzz: setup ## Check the prover itself on random nests and plans: MINUTES=5 SEED=0; findings go to out/fuzz
	@PYTHONPATH=tests $(BIN)/python -m fuzz --minutes $(MINUTES) --seed $(SEED) $(FUZZ)

clean: ## Remove what was built; .venv stays
	rm -rf build dist out .pytest_cache .ruff_cache .hypothesis .import_linter_cache
	find . -path ./.venv -prune -o -name __pycache__ -type d -exec rm -rf {} +
