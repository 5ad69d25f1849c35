# Every target runs in a virtual environment, which is made if it does not exist.
#
#   make demo DATA=data      the demo on real data       make PYTHON=python3.12 test
#
# DATA is a directory laid out as `kortf sample` writes it (kowiki/*.txt, nsmc/*.txt).

VENV := .venv
BIN := $(VENV)/bin
# The TensorFlow of Cloud TPUs; TPU_STACK=2.20 is the newest line.
TPU_STACK ?= 2.19
TPU_TENSORFLOW_2.19 := tensorflow-cpu==2.19.1
TPU_TENSORFLOW_2.20 := tensorflow-cpu==2.20.0
TPU_VENV := .venv-tpu-$(TPU_STACK)
TPU_TESTS := $(addprefix tests/graph/,layers models objectives train) tests/end_to_end/train
# A folder of cases, GROUP/NUMBER-name/, each with a README (input, command, expected).
CASES ?= ../shared/cases

# The first interpreter that kortf supports and that can make a virtual environment.
FITS := import ensurepip, sys, venv; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))
PYTHON ?= $(shell for python in python3 python3.13 python3.12 python3.11; do \
	$$python -c '$(FITS)' >/dev/null 2>&1 && echo $$python && break; done)

# Workers begin with neighbouring tests, which share what is made for them.
PARALLEL := -n auto --maxprocesses=4 --dist worksteal

.DEFAULT_GOAL := help
.PHONY: help demo test test-quick test-all test-oracle test-beam test-tpu-stack lint bench fuzz \
	cases docs notebook results wheel lock locked

help:
	@echo "make demo         the whole path on a small sample: vocabulary to prediction (DATA=DIR: on yours)"
	@echo "make test-quick   the tests that do not import TensorFlow (a minute)"
	@echo "make test         the tests before every change: pure, graph and end to end"
	@echo "make test-all     every test, with the full products, clusters, Beam and the oracles"
	@echo "make test-oracle  the tests that compare with torch and transformers"
	@echo "make test-beam    the tests of records and cleaning by Apache Beam, in an environment of its own"
	@echo "make test-tpu-stack  training on the TensorFlow of Cloud TPUs (TPU_STACK=2.19 or 2.20)"
	@echo "make fuzz         mutated input for every reader (SECONDS=600, TARGET=name)"
	@echo "make cases        a folder of inputs that once failed (CASES=DIR)"
	@echo "make lint         ruff (check and format) and pyright"
	@echo "make docs         the documentation site in site/ (MkDocs, without requests to other hosts)"
	@echo "make notebook     run the notebook of examples/ and keep its outputs (minutes)"
	@echo "make results      the tables of docs/results.md from docs/results/*.json"
	@echo "make wheel        a reproducible wheel in dist/"
	@echo "make lock         lock the test environment again (requirements/test.txt)"
	@echo "make bench        the benchmarks against peers (BENCH=NAME: one of them)"

demo: $(VENV)/.kortf
	@PATH="$(CURDIR)/$(BIN):$$PATH" ./demo.sh $(DATA)

test-quick: $(VENV)/.kortf
	$(BIN)/python -m pytest $(PARALLEL) -m "not oracle and not exhaustive" tests/pure

# A run for each tier: compiled programs stay in a worker as long as it lives.
test: $(VENV)/.kortf
	$(BIN)/python -m pytest $(PARALLEL) -m "not oracle and not exhaustive" tests/pure
	$(BIN)/python -m pytest $(PARALLEL) -m "not oracle and not exhaustive" tests/graph
	$(BIN)/python -m pytest $(PARALLEL) -m "not oracle and not exhaustive" tests/end_to_end

test-all: $(VENV)/.oracle test-beam
	for tier in pure graph end_to_end oracle; do \
		$(BIN)/python -m pytest $(PARALLEL) tests/$$tier || exit 1; done

test-oracle: $(VENV)/.oracle
	$(BIN)/python -m pytest $(PARALLEL) -m "oracle and not exhaustive"

# Beam holds protobuf at an older release than the other tests run with.
test-beam: .venv-beam/.kortf
	.venv-beam/bin/python -m pytest tests/graph/data/beam_test.py tests/graph/data/dask_test.py \
		tests/graph/clean/beam_test.py

# A TPU machine has no tensorflow-text and no keras-hub. Its records come from the whole kortf.
test-tpu-stack: $(VENV)/.kortf $(TPU_VENV)/.kortf
	rm -rf build/prepared && $(BIN)/python -m tests.prepared build/prepared
	KORTF_PREPARED=$(CURDIR)/build/prepared $(TPU_VENV)/bin/python -m pytest $(PARALLEL) \
		-m "not oracle and not text" $(TPU_TESTS)

lint: $(VENV)/.kortf
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/pyright --pythonpath $(BIN)/python

fuzz: $(VENV)/.kortf
	$(BIN)/python -m tests.fuzz --seconds=$(or $(SECONDS),600) $(if $(TARGET),--target=$(TARGET))

cases: $(VENV)/.kortf
	$(BIN)/python -m tests.cases "$(CASES)"

bench: $(VENV)/.oracle
	$(BIN)/python -m benchmarks $(BENCH)

docs: $(VENV)/.docs
	NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build --quiet

notebook: $(VENV)/.kortf
	PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/python -m docs.generate.notebook

results: | $(BIN)/python
	$(BIN)/python -m docs.generate.results_table

# The time of the commit, not of the build, so two builds have the same bytes.
wheel: | $(BIN)/python
	rm -rf build/lib build/bdist* *.egg-info
	SOURCE_DATE_EPOCH=$$(git log -1 --format=%ct 2>/dev/null || echo 315532800) \
		$(BIN)/python -m pip wheel --quiet --no-deps --wheel-dir=dist .

lock: | $(BIN)/python
	$(BIN)/python -m pip install --quiet uv
	$(BIN)/uv pip compile setup.py --extra=test --universal --python-version=3.11 --generate-hashes \
		--no-emit-index-url --no-header --no-annotate --upgrade -o requirements/test.txt

# The test environment exactly as locked.
locked: | $(BIN)/python
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements/test.txt
	$(BIN)/python -m pip install --quiet --no-deps --editable .
	@touch $(VENV)/.kortf

$(TPU_VENV)/.kortf: setup.py | $(BIN)/python
	$(BIN)/python -m venv $(TPU_VENV)
	$(TPU_VENV)/bin/python -m pip install --quiet $(TPU_TENSORFLOW_$(TPU_STACK)) keras==3.15.1 \
		absl-py filelock ml_collections safetensors sentencepiece tokenizers tqdm zstandard \
		hypothesis pytest pytest-xdist
	$(TPU_VENV)/bin/python -m pip install --quiet --no-deps --editable .
	@touch $@

# The stamp is written last, so an interrupted installation starts again.
$(VENV)/.kortf: setup.py | $(BIN)/python
	$(BIN)/python -m pip install --quiet --editable '.[test]'
	@touch $@

$(VENV)/.docs: $(VENV)/.kortf
	$(BIN)/python -m pip install --quiet --editable '.[test,docs]'
	@touch $@

# seqeval has no wheel, and does not build everywhere.
$(VENV)/.oracle: $(VENV)/.kortf
	$(BIN)/python -m pip install --quiet --editable '.[test,oracle]'
	@$(BIN)/python -m pip install --quiet seqeval==1.2.2 || echo "seqeval did not build: its tests are skipped"
	@touch $@

.venv-beam/.kortf: setup.py
	@test -n "$(PYTHON)" || { echo "no Python 3.11 to 3.13 was found: make PYTHON=…" >&2; exit 1; }
	$(PYTHON) -m venv .venv-beam
	.venv-beam/bin/python -m pip install --quiet --editable '.[test,beam]'
	@touch $@

$(BIN)/python:
	@test -n "$(PYTHON)" || { echo "no Python 3.11 to 3.13 with venv was found;" \
		"install one (on Debian with its -venv package) or name it: make PYTHON=/path/to/python3.12" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
