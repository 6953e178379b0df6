# Everything a newcomer types. Needs python3 >= 3.11 with venv, make and the package registry.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin

# uv takes the machine's certificates, as pip does: a campus proxy signs with one of its own.
export UV_SYSTEM_CERTS ?= 1

.PHONY: grade test test-all lint types unit conformance kit lock clean

grade: $(VENV)/.warm
	$(BIN)/kitbench grade grading/example_class --output grades; test $$? -eq 2  # s12's servo waits for a real kit

test: $(VENV)/.warm
	$(BIN)/tox run

test-all: $(VENV)/.warm
	$(BIN)/tox run -- -m "slow or not slow"

lint types: $(VENV)/.ready
	$(BIN)/tox run -e $@

unit conformance kit: $(VENV)/.warm
	$(BIN)/tox run -e $@

# The virtual kit's C library is compiled once for this user, into the cache; nobody waits for it in the middle of a run.
$(VENV)/.warm: $(VENV)/.ready
	$(BIN)/kitbench build --warm
	@touch $@

$(VENV)/.ready: pyproject.toml constraints.txt hatch_build.py $(wildcard kitbench/forensics/window_scan/*.c)
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "kitbench needs python3 >= 3.11: try make PYTHON=python3.11 …")'
	@echo "Setting up $(VENV) (the first time fetches about 200 MB: a C compiler is among it) …"
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt uv
	@# Confined children may not write bytecode, and would compile every import anew.
	$(BIN)/uv pip install --compile-bytecode --quiet --python $(BIN)/python --constraint constraints.txt --editable '.[dev]'
	$(BIN)/python -m compileall -q kitbench grading
	@touch $@

# Resolve the newest versions that pyproject.toml allows, for every platform and Python.
lock:
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --all-extras --no-emit-index-url --no-emit-find-links \
	  --no-header --no-annotate --upgrade pyproject.toml constraints.in --output-file constraints.txt

clean:
	rm -rf $(VENV) .tox grades build dist
