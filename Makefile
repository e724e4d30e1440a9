# Commands for developers; `make` lists them. CI runs the same targets (.ci/run).

.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory
SHELL := /bin/sh
# The first of these that is Python 3.11 or newer is used; PYTHON=... selects one.
PYTHON ?= python3 python3.14 python3.13 python3.12 python3.11
BIN := .venv/bin
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check
NODE_CLIENT := tests/clients/typescript
PARALLEL := -n logical --maxprocesses 4 --dist worksteal
# Install exactly the packages of the lock file, verified by hash, without resolving dependencies.
INSTALL := $(PIP) install --require-hashes --no-deps
# The servers that tests start would compile every module again at each start.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help
help:
	@echo 'make run           serve on 127.0.0.1:8000 (HOST=... PORT=...)'
	@echo 'make test          run the test suite; ARGS=... is passed to pytest'
	@echo 'make test-engines  run the tests on PostgreSQL that make test runs on SQLite only'
	@echo 'make test-system   run tests that take minutes: servers behind a balancer, killed and disconnected under load'
	@echo 'make test-clients  generate clients from the OpenAPI document and test them; needs a package registry, and Node for one'
	@echo 'make test-web      test the web app, in Chromium; needs a package registry'
	@echo 'make check         check format, lint, types, layers, dependencies and lock files'
	@echo 'make bench         compare the performance with a textbook server; ARGS=... is passed to the benchmark'
	@echo 'make image         build the container image taskstead:local with docker or podman'
	@echo 'make lock          update requirements/ after a change of pyproject.toml; UPGRADE=1 takes the newest versions'

.PHONY: run
run: .venv/run
	@$(BIN)/python -m scripts.web || echo 'The server serves the API only.'
	@exec $(BIN)/taskstead serve $(if $(HOST),--host '$(HOST)') $(if $(PORT),--port '$(PORT)')

.PHONY: test
test: .venv/dev
	@$(BIN)/python -m pytest $(PARALLEL) $(ARGS)

.PHONY: test-engines
test-engines: .venv/dev
	@$(BIN)/python -m pytest -m "other_engine and not system" $(PARALLEL) $(ARGS)

# Not in parallel: these tests load the machine, and some stop servers that others use.
.PHONY: test-system
test-system: .venv/dev
	@$(BIN)/python -m pytest -m system -rs $(ARGS)

.PHONY: test-clients
test-clients: .venv/dev .venv/clients/installed $(NODE_CLIENT)/node_modules/.package-lock.json
	@$(BIN)/python -m pytest -m clients -rs $(ARGS)

.PHONY: test-web
test-web: .venv/dev
	@$(BIN)/python -m scripts.web
	@$(BIN)/python -m scripts.web npm test
	@$(BIN)/python -m pytest -m browser -rs $(ARGS)

.PHONY: check
check: .venv/dev
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	$(BIN)/deptry src
	$(BIN)/python -m scripts.check_lock
	$(BIN)/python -m scripts.web_types --check
	$(BIN)/python -m scripts.web npm run check
	$(BIN)/python -m scripts.audit

.PHONY: bench
bench: .venv/dev
	@$(BIN)/python -m benchmarks $(ARGS)

.PHONY: image
image:
	@for engine in docker podman; do \
		if "$$engine" info >/dev/null 2>&1; then exec "$$engine" build --tag taskstead:local .; fi; \
	done; \
	echo 'Neither docker nor podman is running. Start one of them.' >&2; \
	exit 1

.PHONY: lock
lock: $(BIN)/python
	@$(BIN)/python -c 'import uv' 2>/dev/null || $(INSTALL) -r requirements/dev.txt
	@$(BIN)/python -m scripts.lock $(if $(UPGRADE),--upgrade)

# --- virtual environment: each stamp file below records when its step was last done ---

.venv/run: .venv/run-packages pyproject.toml src/taskstead/__init__.py
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

.venv/dev: .venv/run requirements/dev.txt
	@echo 'Installing the dependencies of tests and checks ...'
	@$(INSTALL) -r requirements/dev.txt
	@touch $@

.venv/clients/installed: requirements/clients.txt | $(BIN)/python
	@echo 'Installing the client generator ...'
	@$(BIN)/python -m venv --clear .venv/clients
	@.venv/clients/bin/python -m pip --quiet --disable-pip-version-check install --require-hashes --no-deps -r requirements/clients.txt
	@touch $@

$(NODE_CLIENT)/node_modules/.package-lock.json: $(NODE_CLIENT)/package-lock.json
	@if command -v npm >/dev/null; then cd $(NODE_CLIENT) && npm ci --silent && touch node_modules/.package-lock.json; fi

.venv/run-packages: requirements/run.txt | $(BIN)/python
	@echo 'Installing the dependencies of the server into .venv; this takes a while, once ...'
	@$(INSTALL) -r requirements/run.txt
	@touch $@

# Written in sh because it must report a missing or old Python. Debian's python3 lacks ensurepip unless
# python3-venv is installed.
$(BIN)/python:
	@for python in $(PYTHON); do \
		if "$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
			if ! "$$python" -c 'import ensurepip, venv' 2>/dev/null; then \
				echo "$$python has no venv module. Install it (Debian, Ubuntu: apt install python3-venv) and try again." >&2; \
				exit 1; \
			fi; \
			exec "$$python" -m venv --clear .venv; \
		fi; \
	done; \
	python=$(firstword $(PYTHON)); \
	echo "Taskstead needs Python 3.11 or newer, and $$python is $$("$$python" -c 'import sys; print(sys.version.split()[0])' 2>/dev/null || echo missing). Select another one with PYTHON=/path/to/python3." >&2; \
	exit 1
