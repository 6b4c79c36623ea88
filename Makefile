# Everything that a fresh machine with python3 and make needs: `make demo`, `make course`, `make test`.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/installed
DOCS_INSTALLED := $(VENV)/docs-installed
DEMO := demo
# Real data sets lie beside the checkout on our own machines. Where they are missing, the tests that
# read them are deselected by name; so are those that open a page, where there is no Chromium.
SHARED_DATA ?= ../shared/data
MISSING :=
ifeq ($(wildcard $(SHARED_DATA)/ml-latest-small/ratings.csv),)
MISSING += real_data
endif
ifeq ($(and $(shell command -v chromium),$(shell command -v chromedriver)),)
MISSING += browser
endif
ifeq ($(OS),Windows_NT)
MISSING += posix
endif
EMPTY :=
PRESENT := $(if $(MISSING), and not $(subst $(EMPTY) $(EMPTY), and not ,$(strip $(MISSING))))
DEFAULT_TESTS := not thorough and not sweep$(PRESENT)

# The course's programs in reading order; on real films where they lie here, else on invented ones.
COURSE := one_hot_is_a_lookup latent_factors metadata_or_embedding house_prices movie_map
FILMS := $(wildcard $(SHARED_DATA)/ml-latest-small)
latent_factors metadata_or_embedding movie_map: ARGUMENTS := $(FILMS)

.PHONY: demo course $(COURSE) test thorough sweep check coverage smoke docs clean

demo: $(INSTALLED)
	$(BIN)/python pipelines/movielens.py --output $(DEMO)

course: $(COURSE)

$(COURSE): $(INSTALLED)
	$(BIN)/python pipelines/$@.py $(ARGUMENTS)

test: check
	$(BIN)/python -m pytest --numprocesses 2 --dist loadscope -m "$(DEFAULT_TESTS)"

# What takes long, such as training and tables of notations; CI runs it after `make test`.
thorough: $(INSTALLED)
	$(BIN)/python -m pytest --numprocesses 2 --dist loadscope -m "thorough$(PRESENT)" || [ $$? -eq 5 ]  # none is left

# Random histories and parameters, for some ten minutes; run it before a release.
sweep: $(INSTALLED)
	$(BIN)/python -m pytest -m sweep

check: $(INSTALLED)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports setup.cfg
	$(BIN)/codespell

# Which lines the tests of `make test` and `make thorough` run; setup.cfg holds the floor.
coverage: $(INSTALLED)
	$(BIN)/python -m pytest --cov --numprocesses 2 --dist loadscope -m "not sweep$(PRESENT)"

# The wheel alone, on every Python that is here; the other sessions: $(BIN)/nox -l.
smoke: $(INSTALLED)
	$(BIN)/nox -s smoke

# The documentation site, in docs/_build/html. Warnings are errors, and nothing is fetched while it is built.
docs: $(DOCS_INSTALLED)
	$(BIN)/sphinx-build --fresh-env --fail-on-warning --keep-going --quiet docs docs/_build/html
	@echo "The site is in docs/_build/html/index.html."

$(DOCS_INSTALLED): $(INSTALLED)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check \
	  --constraint .ci/constraints.txt --editable '.[docs]'
	@touch $@

$(INSTALLED): setup.cfg pyproject.toml .ci/constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' || \
	  { echo "item2vec needs Python 3.11, 3.12 or 3.13; name one: make PYTHON=python3.13"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' || \
	  { echo "Python's venv is missing; on Debian: apt-get install python3-venv"; exit 1; }
	$(PYTHON) -m venv --clear $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check \
	  --constraint .ci/constraints.txt --editable '.[dev]'
	@touch $@

clean:
	rm -rf $(VENV) $(DEMO) docs/_build .nox build dist
