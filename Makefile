# Every target makes what it needs: the virtual environment, the pinned tools, the native module.
# `make demo` and `make test` are all that a new reader has to know.

.PHONY: help demo test simulate matrix lint bench docs native clean distclean
.DEFAULT_GOAL := help
export PATH := $(HOME)/.cargo/bin:$(PATH)
SHELL := /bin/bash

VENV := .venv
BIN := $(VENV)/bin
# The interpreter that the native module is built for, whatever else is on PATH.
export PYO3_PYTHON := $(CURDIR)/$(BIN)/python
export PYRIGHT_PYTHON_IGNORE_WARNINGS := 1

STAMPS := $(VENV)/.stamps
RUST_SOURCES := Cargo.toml Cargo.lock $(shell find crates -name target -prune -o \( -name '*.rs' -o -name Cargo.toml \) -print)

# A file of documents for `make demo`, one (extended) JSON object per line; the data of the repository if empty.
DATA ?=
# One row of the benchmark table for `make bench`; all rows if empty.
ROW ?=
# How many seeds `make simulate` runs.
SEEDS ?= 10000
# Which series of servers `make matrix` takes; all of them if empty.
SERIES ?=
# Further arguments for pytest in `make test`.
PYTEST ?=

help:
	@echo "make demo      a private mongod, real data, and what petiole does with it   [DATA=file.jsonl]"
	@echo "make test      lint, the tests of the crates, the tests of the package      [PYTEST='-k find']"
	@echo "make simulate  the driver in a simulated world of faults, from many seeds     [SEEDS=100000]"
	@echo "make matrix    the tests that depend on servers, on MongoDB 4.4, 5.0 and 6.0  [SERIES=4.4]"
	@echo "make lint      ruff, mypy, pyright, rustfmt, clippy, import-linter"
	@echo "make bench     petiole beside PyMongo and the raw socket                    [ROW=name]"
	@echo "make docs      the reference, as HTML in build/docs"
	@echo "make native    the extension module alone"
	@echo "make clean     remove what was built; make distclean removes $(VENV) as well"

demo: native
	@$(BIN)/python -m demo $(DATA)

test: lint
	cargo test --quiet --workspace --exclude petiole-native
	$(BIN)/python -m pytest $(PYTEST)

simulate: native
	@$(BIN)/python -m tests.simulation --seeds $(SEEDS)

matrix: native
	$(BIN)/python -m tests.matrix $(SERIES)

lint: native
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/lint-imports --no-logo
	$(BIN)/mypy
	$(BIN)/pyright
	cargo fmt --all --check
	cargo clippy --quiet --workspace --all-targets -- -D warnings

bench: native
	$(BIN)/python -m benchmarks $(if $(ROW),--row "$(ROW)")

docs: native
	$(BIN)/pdoc --docformat markdown -o build/docs petiole petiole.bson petiole.local
	cargo doc --quiet --no-deps --workspace --target-dir target
	@echo "The reference is in build/docs/index.html, that of the crates in target/doc."

native: $(STAMPS)/native

$(STAMPS)/native: $(STAMPS)/tools $(RUST_SOURCES)
	@command -v cargo >/dev/null || { echo "There is no Rust toolchain here: install it with: \
	curl https://sh.rustup.rs -sSf | sh -s -- -y --profile default" >&2; exit 1; }
	@command -v cc >/dev/null || { echo "There is no C compiler and linker here: install them with: \
	apt-get install build-essential" >&2; exit 1; }
	@echo "Building the native module (about a minute the first time) ..."
	@PIP_QUIET=1 $(BIN)/maturin develop --release --quiet --extras local,cli
	@touch $@

$(STAMPS)/tools: pyproject.toml | $(BIN)/python
	@echo "Installing the tools into $(VENV) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade 'pip>=25.1'
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --group dev --group frameworks
	@mkdir -p $(STAMPS) && touch $@

$(BIN)/python:
	@.ci/make-venv $(VENV)

clean:
	rm -rf build target .mypy_cache .ruff_cache .import_linter_cache .hypothesis $(STAMPS)/native
	find src -name '_native*.so' -delete
	find src tests benchmarks demo -name __pycache__ -type d -prune -exec rm -rf {} +

distclean: clean
	rm -rf $(VENV)
