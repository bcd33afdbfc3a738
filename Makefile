# Needs Python 3.11+, git and make; nothing else. `make demo` first, `make help` for the rest.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
DEMO ?= demo

.PHONY: help demo test test-fast lint docs bench clean

help:
	@echo "make demo       install into $(VENV), build a library of sample shapes, search it, write report.html"
	@echo "make test       every test            make test-fast  the tests under a few seconds each"
	@echo "make lint       ruff and mypy         make docs       the documentation, into site/"
	@echo "make bench      every benchmark: figures into benchmarks/results/ (long)"

$(VENV)/.base: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet -e ".[step]"
	@touch $@

$(VENV)/.test: $(VENV)/.base
	$(BIN)/python -m pip install --quiet -e ".[test]"
	@touch $@

$(VENV)/.dev: $(VENV)/.base
	$(BIN)/python -m pip install --quiet -e ".[dev]"
	@touch $@

demo: $(VENV)/.base
	$(BIN)/python examples/demo.py $(DEMO)

test: $(VENV)/.test
	$(BIN)/python -m pytest -n 2 --dist worksteal

test-fast: $(VENV)/.test
	$(BIN)/python -m pytest -n 2 --dist worksteal -m "not slow"

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

docs: $(VENV)/.dev
	$(BIN)/mkdocs build --strict

bench: $(VENV)/.dev
	for script in benchmarks/*.py; do $(BIN)/python $$script || exit 1; done

clean:
	rm -rf $(VENV) $(DEMO) site
