# What a developer types. `make help` lists it; nothing here needs anything but make, sh and Python 3.11+.
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory
PY := .venv/bin/python
WORKERS ?= 2
CODE := casework app.py tests benchmarks migrations

LOG ?=
MAP ?=

.PHONY: help setup setup-run run test journeys test-both test-fast coverage bench lint trials format types contracts migrate seed i18n check api-check pm4py-check vendor vendor-check clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / {printf "  make %-13s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: ## .venv with everything to run, test and check
	@bin/setup dev

setup-run:
	@bin/setup run

run: setup-run ## serve on 127.0.0.1:8000 (CASEWORK_PORT); SQLite and demo data on the first start
	@bin/casework serve

test: setup ## every test on SQLite and PostgreSQL, those of pages by turns, each journey in one window
	@$(PY) -m tests.harness.postgres find >/dev/null
	@$(PY) -m tests.harness.chromium --install >/dev/null
	@$(PY) -m pytest -q -n $(WORKERS) --dist loadgroup --database turns

journeys: setup ## every journey in the browser, in each of its windows (width and language)
	@$(PY) -m tests.harness.chromium --install >/dev/null
	@$(PY) -m pytest -q -n $(WORKERS) --dist loadgroup --windows all -m browser

test-both: setup ## every test on SQLite and on PostgreSQL, those of pages too; journeys in all windows
	@$(PY) -m tests.harness.postgres find >/dev/null
	@$(PY) -m tests.harness.chromium --install >/dev/null
	@$(PY) -m pytest -q -n $(WORKERS) --dist loadgroup --database both --windows all

test-fast: setup ## the tests on SQLite without the browser
	@$(PY) -m pytest -q -n $(WORKERS) --dist loadgroup -m "not browser"

coverage: setup ## branch coverage of the fast tests
	@$(PY) -m pytest -q -n $(WORKERS) --dist loadgroup -m "not browser" --cov --cov-report=term-missing:skip-covered

bench: setup ## seed 10,000 and 100,000 cases and measure (ARGS="--help" shows the choices)
	@$(PY) -m benchmarks $(ARGS)

trials: setup ## 50 schedules of killed and doubled sweeps, 10,000 random clocks against the oracle
	@$(PY) -m benchmarks.trials $(ARGS)

lint: setup ## ruff: rules and format
	@$(PY) -m ruff check .
	@$(PY) -m ruff format --check .

format: setup ## put the code into shape
	@$(PY) -m ruff check --fix-only --quiet .
	@$(PY) -m ruff format .

types: setup ## mypy, strict
	@$(PY) -m mypy

contracts: setup ## import-linter: which package may import which
	@.venv/bin/lint-imports --no-cache

migrate: setup-run ## bring the database to the newest migration
	@$(PY) -m flask --app app db upgrade

seed: setup-run ## build the demo office
	@bin/casework demo

i18n: setup ## name every string that has no translation
	@$(PY) -m tests.harness.translations

check: ## exactly what the continuous integration runs
	@$(MAKE) lint
	@$(MAKE) types
	@$(MAKE) contracts
	@$(MAKE) test

api-check: setup ## 10,000 made-up requests against the interface (ARGS="--examples 3000 --seed 7")
	@$(PY) -m tests.api.fuzz $(ARGS)

pm4py-check: setup ## let pm4py read our event logs (own environment in var/; LOG=file.csv MAP=map.json for a log of yours)
	@mkdir -p var/pm4py-check && test -x var/pm4py/bin/python || $(PY) -m venv var/pm4py
	@var/pm4py/bin/python -c 'import pm4py' 2>/dev/null || var/pm4py/bin/python -m pip install --quiet 'pm4py>=2.7.23,<2.8'
	@$(PY) -m benchmarks.pm4py_check write var/pm4py-check $(LOG) $(MAP)
	@var/pm4py/bin/python benchmarks/pm4py_check.py read var/pm4py-check $(LOG)

vendor: ## rebuild static/vendor from package-lock.json (needs Node; running the product does not)
	@npm ci --ignore-scripts --no-audit --silent
	@bin/vendor static/vendor

vendor-check: ## fail when static/vendor differs from what package-lock.json gives
	@npm ci --ignore-scripts --no-audit --silent
	@rm -rf var/vendor && mkdir -p var/vendor && bin/vendor var/vendor
	@diff -r var/vendor static/vendor && echo "static/vendor is what package-lock.json gives."

clean: ## remove the environment and the caches; var/ (your data) stays
	rm -rf .venv node_modules .pytest_cache .mypy_cache .ruff_cache .import_linter_cache htmlcov .coverage
