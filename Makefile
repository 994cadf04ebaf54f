# Each target is the only command needed on a machine with Python 3.11 or newer:
# the first one run makes .venv and installs the package into it.

PYTHON ?= python3
VENV := .venv
ARGUMENTS ?=

.PHONY: tune test test-slow lint notebooks benchmark clean

tune: $(VENV)/installed
	$(VENV)/bin/python -m kerasreg.tune $(ARGUMENTS)

test: $(VENV)/installed-test
	$(VENV)/bin/python -m pytest -n 2 --dist loadfile

# whole searches: killed and resumed against uninterrupted, trained one by one against together
test-slow: $(VENV)/installed-test
	$(VENV)/bin/python -m pytest -n 2 --dist loadfile -m slow tests

lint: $(VENV)/installed-test
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/lint-imports

# shortened; without --fast, execute.py runs the whole notebooks and writes them
notebooks: $(VENV)/installed-notebooks
	$(VENV)/bin/python notebooks/execute.py --fast

benchmark: $(VENV)/installed
	$(VENV)/bin/python -m benchmarks.start_up
	$(VENV)/bin/python -m benchmarks.one_fit
	$(VENV)/bin/python -m benchmarks.convolution
	$(VENV)/bin/python -m benchmarks.random_numbers
	$(VENV)/bin/python -m benchmarks.search_speed
	$(VENV)/bin/python -m benchmarks.default_command

clean:
	rm -rf $(VENV)

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/installed: pyproject.toml | $(VENV)/bin/python
	$(VENV)/bin/python -m pip install --quiet --editable .
	touch $@

$(VENV)/installed-test: pyproject.toml | $(VENV)/bin/python
	$(VENV)/bin/python -m pip install --quiet --editable '.[test]'
	touch $@ $(VENV)/installed

$(VENV)/installed-notebooks: pyproject.toml | $(VENV)/bin/python
	$(VENV)/bin/python -m pip install --quiet --editable '.[notebooks]'
	touch $@ $(VENV)/installed
