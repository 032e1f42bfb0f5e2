# Every target is one command of the launcher (`python3 -m launch`), which makes its own environment and servers.
PYTHON ?= python3
ARGS ?=
.DEFAULT_GOAL := help
.PHONY: help run test test-platforms train test-training check fix bench screenshots manage lock clean

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## /  make \1|/p' Makefile | awk -F'|' '{printf "%-22s %s\n", $$1, $$2}'

run: ## the whole desk on http://localhost:8000 until Ctrl-C (PORT=8001, HOST=0.0.0.0, DEMO=0)
	@$(PYTHON) -m launch run

test: ## unit and browser tests (ARGS="tests/tickets -k reopen")
	@$(PYTHON) -m launch test $(ARGS)

test-platforms: ## the whole desk against other people's servers on loopback (ARGS="-k bluesky"; docs/counterparts.md)
	@$(PYTHON) -m launch test-platforms $(ARGS)

train: ## train a reader on the public data in DATA=folder (ARGS=--smoke tries every step; docs/training.md)
	@$(PYTHON) -m launch train $(ARGS)

test-training: ## the tests of training, in an environment with PyTorch (ARGS="-k export")
	@$(PYTHON) -m launch test-training $(ARGS)

check: ## linters, types, contracts, migrations, deployment, API schema, translations
	@$(PYTHON) -m launch check

fix: ## let the formatters mend what they can
	@$(PYTHON) -m launch fix

bench: ## print the benchmarks' figures (ARGS=...)
	@$(PYTHON) -m launch with-servers -- python -m benchmarks $(ARGS)

screenshots: ## take the documentation's screenshots
	@$(PYTHON) -m launch with-servers -- python -m tests.screenshots $(ARGS)

manage: ## a Django command with the desk's servers (ARGS="createsuperuser")
	@$(PYTHON) -m launch manage $(ARGS)

lock: ## solve pyproject.toml into requirements.lock (ARGS=--upgrade)
	@$(PYTHON) -m launch lock $(ARGS)

clean: ## remove what can be made anew (DATA=1: the desk's data too)
	@$(PYTHON) -m launch clean
