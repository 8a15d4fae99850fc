# make run: set up and start Gator. make test: set up and pass the tests. `make help` lists the rest.
.DEFAULT_GOAL := help
PYTHON3 ?= $(shell for p in python3 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))' 2>/dev/null && echo $$p && break; done)
BIN := .venv/bin
PYTEST := $(BIN)/python -m pytest
UV_COMPILE := $(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
	--no-emit-index-url --no-emit-find-links --override deploy/no-torch.txt --no-emit-package torch

RUN_EXTRAS := --extra media --extra voice --extra c2pa --extra postgres --extra redis --extra s3 --extra build

.PHONY: help run setup dev gpu test test-all lint types imports check migration lock clean

help: ## this list
	@grep -hE '^[a-z-]+:.*##' Makefile | sed -E 's/:.*## /\t/' | expand -t 12

run: setup ## set up, then start everything on embedded defaults
	@$(BIN)/gator up

setup:
	@test -n "$(PYTHON3)" || { echo "Gator needs Python 3.11 to 3.13: install python3."; exit 1; }
	@$(PYTHON3) deploy/setup.py run

dev:
	@test -n "$(PYTHON3)" || { echo "Gator needs Python 3.11 to 3.13: install python3."; exit 1; }
	@$(PYTHON3) deploy/setup.py dev

gpu: ## set up for pictures on models, with the torch build for this machine's GPU
	@test -n "$(PYTHON3)" || { echo "Gator needs Python 3.11 to 3.13: install python3."; exit 1; }
	@$(PYTHON3) deploy/setup.py gpu

test: dev ## set up, then run the tests (not those marked slow)
	@$(PYTEST) -m "not slow" $(ARGS)

test-all: dev ## all tests, the slow ones too
	@$(PYTEST) $(ARGS)

lint: dev ## ruff, formatting too
	@$(BIN)/ruff check . && $(BIN)/ruff format --check .

types: dev ## mypy, strict
	@$(BIN)/mypy

imports: dev ## the import contract between the rooms
	@$(BIN)/lint-imports

check: lint types imports test ## what CI runs

migration: dev ## a migration from what the models have and the last one lacks (MESSAGE="add a column")
	@$(BIN)/python -m memory.schema "$(MESSAGE)"

lock: dev ## lock the newest versions that pyproject.toml admits, with hashes
	$(UV_COMPILE) --upgrade $(RUN_EXTRAS) pyproject.toml -o deploy/requirements-run.txt
	$(UV_COMPILE) --upgrade $(RUN_EXTRAS) --extra gpu -c deploy/requirements-run.txt pyproject.toml -o deploy/requirements-gpu.txt
	$(UV_COMPILE) --upgrade --all-extras -c deploy/requirements-gpu.txt pyproject.toml -o deploy/requirements-dev.txt

clean: ## remove the environment and caches (not .gator, your data)
	rm -rf .venv .mypy_cache .pytest_cache .ruff_cache .import_linter_cache
