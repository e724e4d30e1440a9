# What people type. `make` alone lists it. CI calls the same targets (.ci/run).

.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory
SHELL := /bin/sh
# The first of these that is new enough; PYTHON=... leaves no choice.
PYTHON ?= python3 python3.14 python3.13 python3.12 python3.11
BIN := .venv/bin
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check
# Every package by its hash, and nothing that is not in the lock; so there is nothing to resolve.
NODE_CLIENT := tests/clients/typescript
INSTALL := $(PIP) install --require-hashes --no-deps

.PHONY: help
help:
	@echo 'make run          serve on 127.0.0.1:8000; HOST=... PORT=... change that'
	@echo 'make test         run the tests, on SQLite and on a PostgreSQL of their own; ARGS=... go to pytest'
	@echo 'make test-faults  run what takes minutes: servers killed, restarted and cut off under load'
	@echo 'make test-clients run clients that generators make from the OpenAPI document; needs a registry, and Node for one'
	@echo 'make check        format, lint, types, layers, dependencies, lock files'
	@echo 'make bench        measure this server beside a textbook one; ARGS=... go to the benchmark'
	@echo 'make image        build the container image taskstead:local, with docker or podman'
	@echo 'make lock         write requirements/ anew after a change of pyproject.toml; UPGRADE=1 takes the newest'

.PHONY: run
run: .venv/run
	@exec $(BIN)/taskstead serve $(if $(HOST),--host '$(HOST)') $(if $(PORT),--port '$(PORT)')

.PHONY: test
test: .venv/dev
	@$(BIN)/python -m pytest -n logical --maxprocesses 4 $(ARGS)

# One after the other: they load the machine, and some stop the servers of others.
.PHONY: test-faults
test-faults: .venv/dev
	@$(BIN)/python -m pytest -m faults -rs $(ARGS)

.PHONY: test-clients
test-clients: .venv/dev .venv/clients/installed $(NODE_CLIENT)/node_modules/.package-lock.json
	@$(BIN)/python -m pytest -m clients -rs $(ARGS)

.PHONY: check
check: .venv/dev
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	$(BIN)/deptry src
	$(BIN)/python -m scripts.check_lock
	$(BIN)/python -m scripts.audit

.PHONY: bench
bench: .venv/dev
	@$(BIN)/python -m benchmarks $(ARGS)

.PHONY: image
image:
	@for engine in docker podman; do \
		if "$$engine" info >/dev/null 2>&1; then exec "$$engine" build --tag taskstead:local .; fi; \
	done; \
	echo 'Images are built by docker or podman, and neither answers here.' >&2; \
	exit 1

.PHONY: lock
lock: $(BIN)/python
	@$(BIN)/python -c 'import uv' 2>/dev/null || $(INSTALL) -r requirements/dev.txt
	@$(BIN)/python -m scripts.lock $(if $(UPGRADE),--upgrade)

# --- the environment: each file below says when its step was last done ---

.venv/run: .venv/run-packages pyproject.toml src/taskstead/__init__.py
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

.venv/dev: .venv/run requirements/dev.txt
	@echo 'Installing what tests and checks need ...'
	@$(INSTALL) -r requirements/dev.txt
	@touch $@

.venv/clients/installed: requirements/clients.txt | $(BIN)/python
	@echo 'Installing the generator of Python clients ...'
	@$(BIN)/python -m venv --clear .venv/clients
	@.venv/clients/bin/python -m pip --quiet --disable-pip-version-check install --require-hashes --no-deps -r requirements/clients.txt
	@touch $@

$(NODE_CLIENT)/node_modules/.package-lock.json: $(NODE_CLIENT)/package-lock.json
	@if command -v npm >/dev/null; then cd $(NODE_CLIENT) && npm ci --silent && touch node_modules/.package-lock.json; fi

.venv/run-packages: requirements/run.txt | $(BIN)/python
	@echo 'Installing what the server needs into .venv; this takes a while, once ...'
	@$(INSTALL) -r requirements/run.txt
	@touch $@

# sh and not a script in Python, as it has to speak where there is no Python, or an old one.
# ensurepip is what Debian leaves out of its python3 when it splits off venv.
$(BIN)/python:
	@for python in $(PYTHON); do \
		if "$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
			if ! "$$python" -c 'import ensurepip, venv' 2>/dev/null; then \
				echo "$$python comes without the venv module: install it (Debian, Ubuntu: apt install python3-venv) and try again." >&2; \
				exit 1; \
			fi; \
			exec "$$python" -m venv --clear .venv; \
		fi; \
	done; \
	python=$(firstword $(PYTHON)); \
	echo "Taskstead needs Python 3.11 or newer, and $$python is $$("$$python" -c 'import sys; print(sys.version.split()[0])' 2>/dev/null || echo missing); PYTHON=/path/to/python3 names another." >&2; \
	exit 1
