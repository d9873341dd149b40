# What people and machines run here. Each target does its own set-up; nothing is needed but Python 3.11+, git and make.

VENV := .venv
BIN := $(VENV)/bin
MANAGE := $(BIN)/python manage.py
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
# A Python of your choice: make demo PYTHON=/path/to/python3.12
PYTHON ?= python3
# Passed on: make demo ARGS=--json, make test ARGS="-k callback"
ARGS ?=
BENCHMARKS := forecast pages plan reading replay sourcing transfer
MAKEFLAGS += --no-print-directory
# Some machines forbid Python to keep what it compiled; then each of our processes would compile all of Django anew.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help setup demo run test check fix bench
.DEFAULT_GOAL := help

help:
	@echo "make demo    the main job once, from demand to confirmed orders; ends by itself (ARGS=--json for machines)"
	@echo "             ARGS=\"--sources salesforce,sap,valerdat\": fed by practice systems over HTTP instead of by files"
	@echo "make run     web application, worker and sandbox suppliers in this terminal; Ctrl-C ends them"
	@echo "make test    the test suite on SQLite, and on PostgreSQL where a server answers"
	@echo "make check   style, types, import rules, migrations, production settings"
	@echo "make fix     what of that a program can mend"
	@echo "make bench   the benchmarks"

setup: $(VENV)/dev.stamp

demo: $(VENV)/runtime.stamp
	@$(MANAGE) migrate --verbosity 0
	@$(MANAGE) setup --demo-logins
	@$(MANAGE) demo $(ARGS)

run: $(VENV)/runtime.stamp
	@$(MANAGE) run $(ARGS)

test: $(VENV)/dev.stamp
	@$(BIN)/python tests/run.py $(ARGS)

check: $(VENV)/dev.stamp
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy procurement orders suppliers
	$(BIN)/lint-imports
	$(MANAGE) makemigrations --check --dry-run
	@echo "check --deploy with production settings and throw-away secrets"
	@ENVIRONMENT=production ALLOWED_HOSTS=procurement.example DATABASE_URL=postgres://nobody@127.0.0.1/none \
		PUBLIC_URL=https://procurement.example SECRET_KEY=$$($(BIN)/python -c 'import secrets; print(secrets.token_urlsafe(50))') \
		CREDENTIAL_KEYS=$$($(BIN)/python -c 'from cryptography.fernet import Fernet; print(Fernet.generate_key().decode())') \
		$(MANAGE) check --deploy --fail-level WARNING

fix: $(VENV)/dev.stamp
	$(BIN)/ruff check --fix .
	$(MANAGE) connectors --write
	$(BIN)/ruff format .

bench: $(VENV)/bench.stamp
	@set -e; for name in $(BENCHMARKS); do echo "== $$name =="; $(BIN)/python -m "benchmarks.$$name" $(ARGS); done

$(BIN)/python:
	@found=; for candidate in "$(PYTHON)" python3.13 python3.12 python3.11; do \
		if "$$candidate" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; \
		then found=$$candidate; break; fi; done; \
	if [ -z "$$found" ]; then \
		echo "No Python 3.11 or newer with its venv module was found." >&2; \
		echo "Install one (on Debian and Ubuntu: python3 and python3-venv) or name it: make $(MAKECMDGOALS) PYTHON=/path/to/python3.12" >&2; \
		exit 1; fi; \
	echo "Making $(VENV) with $$($$found --version)"; \
	"$$found" -m venv --clear $(VENV)

# The stamps are older than pyproject.toml or constraints.txt: install again. setuptools comes from the constraints too,
# hence no isolated build environment, which would fetch whatever is newest.
# Python compiles what is imported at its first import; compiling everything takes longer than installing it.
$(VENV)/runtime.stamp: pyproject.toml constraints.txt | $(BIN)/python
	@echo "Installing what the program needs (once; again when pyproject.toml or constraints.txt change) ..."
	@$(PIP) install --no-compile -c constraints.txt setuptools
	@$(PIP) install --no-compile -c constraints.txt --no-build-isolation -e .
	@touch $@

$(VENV)/dev.stamp: pyproject.toml constraints.txt | $(BIN)/python
	@echo "Installing the program with its tests and checks (once; again when either file changes) ..."
	@$(PIP) install --no-compile -c constraints.txt setuptools
	@$(PIP) install --no-compile -c constraints.txt --no-build-isolation -e '.[dev]'
	@touch $(VENV)/runtime.stamp $@

$(VENV)/bench.stamp: $(VENV)/dev.stamp
	@echo "Installing what the benchmarks compare with ..."
	@$(PIP) install --no-compile -c constraints.txt --no-build-isolation -e '.[dev,bench]'
	@touch $@
