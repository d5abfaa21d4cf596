# `make` alone lists what there is. Every target does its own set-up: Python 3.11, make and git are enough.

PYTHON ?= python3
PORT ?= 8000
# Processes that the tests run in.
WORKERS ?= 2
# Passed on to the tool behind a target: make test ARGS="-k feed", make lock ARGS=--upgrade
ARGS ?=

UV_VERSION := 0.13.9
PY := .venv/bin/python
UV := .venv/bin/uv
RUNTIME_STAMP := .venv/.runtime-installed
DEV_STAMP := .venv/.dev-installed
COMPILE := $(UV) pip compile --quiet pyproject.toml --universal --python-version 3.11 --generate-hashes \
	--no-annotate --no-header
LOCKS := requirements requirements-dev requirements-otel

export PORT
# The interpreter is the machine's own; uv must not go and look for another.
export UV_PYTHON_DOWNLOADS := never
# As pip does: behind a company's TLS proxy its certificate stands in the system's trust store alone.
export UV_SYSTEM_CERTS := true
export PIP_DISABLE_PIP_VERSION_CHECK := 1
# Where there is no home folder to keep a cache in (a service account, some containers), it lives beside the packages.
ifneq ($(shell test -d "$$HOME" && test -w "$$HOME" && echo usable),usable)
export UV_CACHE_DIR := $(CURDIR)/.venv/.uv-cache
export PIP_NO_CACHE_DIR := 1
endif

.DEFAULT_GOAL := help
.PHONY: help setup setup-dev run serve test test-quick test-sqlite test-postgres browser rabbitmq proxies bench soak \
	pictures previous-release lock-check audit secrets lint format imports types migrations-check deploy-check lock

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-18s %s\n", $$1, $$2}' Makefile

setup: $(RUNTIME_STAMP) ## install what the product needs into .venv

setup-dev: $(DEV_STAMP) ## the same, and what its tests and checks need

run: setup ## serve on PORT (8000) with the demo academy in an empty database
	@exec sh scripts/serve.sh --demo

serve: setup ## serve on PORT (8000) without the demo academy
	@exec sh scripts/serve.sh

test: setup-dev browser rabbitmq proxies test-sqlite test-postgres ## run every test on SQLite, then what depends on the database on PostgreSQL

test-quick: setup-dev ## run most tests on SQLite in under two minutes: no servers, browser or fuzzing
	env -u DATABASE_URL $(PY) -m pytest -n $(WORKERS) --quick $(ARGS)

test-sqlite: setup-dev ## run every test on SQLite
	@echo "== Tests on SQLite"
	env -u DATABASE_URL $(PY) -m pytest -n $(WORKERS) $(ARGS)

test-postgres: setup-dev ## run what depends on the database on PostgreSQL (DATABASE_URL's, else one started for it)
	@echo "== Tests on PostgreSQL"
	$(PY) -m tests.support.with_postgres $(PY) -m pytest -n $(WORKERS) -m "not any_database" $(ARGS)

browser: ## install the browser that the tests drive, where that is possible
	@sh scripts/browser.sh

rabbitmq: ## install the broker that the tests start, where that is possible
	@sh scripts/rabbitmq.sh

proxies: ## install nginx and Caddy, which the tests start, where that is possible
	@sh scripts/proxies.sh

bench: setup-dev ## measure the speed of what people wait for
	$(PY) -m benchmarks $(ARGS)

soak: setup-dev ## run everything under load for 20 minutes while parts of it fail (ARGS="--minutes 5")
	$(PY) -m tests.support.soak $(ARGS)

pictures: setup-dev browser ## take the pictures of README.md from the demo, as it looks now
	$(PY) scripts/pictures.py

# Without the texts that translators read: they are compiled beside them. `git get-tar-commit-id` reads its commit.
previous-release: ## keep the code of COMMIT, a release, for the test of upgrades
	git archive $(COMMIT) -- breathecode gunicorn.conf.py manage.py ':!*.po' | xz -9e >tests/support/previous_release.tar.xz

lint: setup-dev ## check style and formatting of code and templates
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	@git ls-files -z -- 'breathecode/*.html' | xargs -0 -r .venv/bin/djade --target-version 5.2 --check

format: setup-dev ## repair style and formatting where a tool can
	$(PY) -m ruff check --fix --exit-zero --quiet .
	$(PY) -m ruff format .
	@git ls-files -z -- 'breathecode/*.html' | xargs -0 -r .venv/bin/djade --target-version 5.2

imports: setup-dev ## check who may import whom
	.venv/bin/lint-imports

types: setup-dev ## check the types
	$(PY) -m mypy

migrations-check: setup-dev ## fail where a model has changed without a migration
	@mkdir -p var
	DJANGO_SETTINGS_MODULE=breathecode.settings.test $(PY) manage.py makemigrations --check --dry-run

audit: setup-dev ## fail where a locked package has a known vulnerability
	@$(PY) scripts/audit.py $(ARGS)

secrets: setup-dev ## fail where a file holds what looks like a key or a token
	@sh scripts/secrets.sh

# A public site in miniature: what Django warns about here, it would warn about there.
deploy-check: setup-dev ## fail where Django has a warning about the production settings
	@mkdir -p var
	env -u DEBUG -u CACHE_URL -u CELERY_BROKER_URL -u DJANGO_SETTINGS_MODULE \
		SECRET_KEY="$$($(PY) -c 'import secrets; print(secrets.token_urlsafe(64))')" \
		ALLOWED_HOSTS=classes.example.org PUBLIC_URL=https://classes.example.org \
		DATABASE_URL=sqlite:///$(CURDIR)/var/deploy-check.sqlite3 \
		EMAIL_URL=smtp://127.0.0.1:2525 DEFAULT_FROM_EMAIL=classes@example.org \
		$(PY) manage.py check --deploy --fail-level WARNING

lock: $(UV) ## lock the packages of pyproject.toml (ARGS=--upgrade for the newest versions)
	$(COMPILE) $(ARGS) --output-file requirements.lock
	$(COMPILE) $(ARGS) --extra otel --group dev --constraint requirements.lock --output-file requirements-dev.lock
	$(COMPILE) $(ARGS) --extra otel --constraint requirements-dev.lock --output-file requirements-otel.lock

lock-check: $(UV) ## fail where the locked packages are not those that pyproject.toml asks for
	@mkdir -p var
	@for lock in $(LOCKS); do cp $$lock.lock var/$$lock.lock; done
	@$(COMPILE) --output-file var/requirements.lock
	@$(COMPILE) --extra otel --group dev --constraint requirements.lock --output-file var/requirements-dev.lock
	@$(COMPILE) --extra otel --constraint requirements-dev.lock --output-file var/requirements-otel.lock
	@for lock in $(LOCKS); do \
		diff -u $$lock.lock var/$$lock.lock || { echo "make lock: $$lock.lock does not fit pyproject.toml." >&2; exit 1; }; done

# `install`, not `sync`: the runtime set must leave the development set alone, and it holds the same versions.
$(RUNTIME_STAMP): requirements.lock | $(UV)
	@$(UV) pip install --quiet --python $(PY) --require-hashes -r requirements.lock
	@touch $@

$(DEV_STAMP): requirements.lock requirements-dev.lock | $(UV)
	@$(UV) pip install --quiet --python $(PY) --require-hashes -r requirements-dev.lock
	@touch $@ $(RUNTIME_STAMP)

$(UV):
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "Python 3.11 or newer is needed, and '$(PYTHON)' is not it: make PYTHON=python3.11 $(MAKECMDGOALS)" >&2; exit 1; }
	@$(PYTHON) -m venv .venv || { \
		echo "'$(PYTHON) -m venv' failed: on Debian and Ubuntu the package python3-venv has it." >&2; exit 1; }
	@$(PY) -m pip install --quiet uv==$(UV_VERSION)
