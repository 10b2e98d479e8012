# The house's commands. Everything happens in .venv/, which the first of them makes.

BIN := .venv/bin
FOR_RUN := .venv/.installed-run
FOR_TEST := .venv/.installed-test
PINS_RUN := bot/requirements.txt
PINS_TEST := $(PINS_RUN) requirements-dev.txt
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes
# The widest first: the others take its versions.
PINNED := requirements-dev requirements requirements-charts requirements-data bot/requirements bot/requirements-trace

WORKERS := -n 4 --dist loadfile

STAGE ?= dev
STACK := ev-concierge-$(STAGE)

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help run test nightly check lint types imports days bench drill package deploy undeploy fmt install pins clean
.PHONY: test-aws

help: ## this list
	@echo "EV Concierge. What there is to make:"
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-9s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

run: $(if $(STORE),$(if $(filter sqlite dynamodb,$(STORE)),,no-such-store)) $(if $(filter dynamodb,$(STORE)),$(FOR_TEST),$(FOR_RUN)) ## open the practice car park (PORT=8000 SPEED=6 CHAT=hipchat SLACK=socket STORE=dynamodb)
	@exec $(BIN)/python -m $(if $(filter dynamodb,$(STORE)),practice.ministack,practice)

.PHONY: no-such-store
no-such-store:
	@echo "STORE is sqlite (as if not given) or dynamodb, not $(STORE)." >&2; exit 2

test: $(FOR_TEST) ## all tests (some need chromium and prosody)
	@$(BIN)/python -m pytest $(WORKERS)

nightly: $(FOR_TEST) ## the tests that only measure, or take long
	@$(BIN)/python -m pytest -m nightly

check: lint types imports test ## everything that CI does

lint: $(FOR_TEST) ## how the code is written
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .

types: $(FOR_TEST) ## what the code's types say
	@$(BIN)/mypy

imports: $(FOR_TEST) ## who may import whom
	@$(BIN)/lint-imports

days: $(FOR_TEST) ## whole working days, read aloud and checked
	@$(BIN)/python -m pytest -v tests/days/test_days.py

bench: $(FOR_TEST) ## measure; a table, and JSON in bench/
	@$(BIN)/python -m bench

drill: $(FOR_TEST) ## lose everything on a make-believe AWS, and rebuild it from a backup
	@$(BIN)/python -m tests.aws.drill

test-aws: $(FOR_TEST)
	@$(BIN)/python -m pytest -s tests/aws

package: $(FOR_RUN) ## the zip and the template for AWS, into build/ (STAGE=dev)
	@$(BIN)/python -m deploy.package $(STAGE)

deploy: $(if $(BUCKET),package) ## to your AWS account (STAGE=dev BUCKET=… EMAIL=…)
	@$(if $(BUCKET),,echo "BUCKET= names an S3 bucket of yours for the zip; see docs/deploy-aws.md" >&2; exit 2)
	aws cloudformation package --template-file build/$(STAGE)/sam.json --s3-bucket $(BUCKET) \
	    --s3-prefix $(STACK) --use-json --output-template-file build/$(STAGE)/packaged.json
	aws cloudformation deploy --template-file build/$(STAGE)/packaged.json --stack-name $(STACK) \
	    --s3-bucket $(BUCKET) --s3-prefix $(STACK) \
	    --capabilities CAPABILITY_IAM CAPABILITY_AUTO_EXPAND --no-fail-on-empty-changeset \
	    --parameter-overrides DeployedAt=$$(date -u +%Y-%m-%dT%H:%M:%SZ) $(if $(EMAIL),AlarmEmail=$(EMAIL))
	aws cloudformation describe-stacks --stack-name $(STACK) --query "Stacks[0].Outputs" --output table

undeploy: ## take it down again; the table stays (STAGE=dev)
	aws cloudformation delete-stack --stack-name $(STACK)
	aws cloudformation wait stack-delete-complete --stack-name $(STACK)

fmt: $(FOR_TEST) ## put the code in its form
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

install: $(FOR_TEST) ## everything that the commands above need, into .venv/

pins: $(FOR_TEST) ## pin what requirements*.in name, and all that comes with it (UPGRADE=--upgrade)
	@for file in $(PINNED); do \
	    $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	        --no-config --custom-compile-command "make pins" $(UPGRADE) \
	        $$([ $$file = requirements-dev ] || echo --constraint requirements-dev.txt) \
	        --output-file $$file.txt $$file.in || exit 1; \
	done

clean: ## remove .venv/ and all caches
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# --- the virtual environment; the stamps say which pins are installed in it ---------------

$(BIN)/python:
	@for python in $(PYTHON) python3.13 python3.12 python3.11 python3; do \
	    $$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || continue; \
	    echo "Making .venv with $$($$python --version) …"; \
	    $$python -m venv --clear .venv && exit 0; \
	    rm -rf .venv; \
	    echo "$$python can't make a virtual environment; on Debian: apt install python3-venv" >&2; \
	    exit 1; \
	done; \
	echo "EV Concierge needs Python 3.11 or newer, and finds none." >&2; \
	echo "If you have one: make run PYTHON=/path/to/python3" >&2; \
	exit 1

$(FOR_RUN): $(PINS_RUN) | $(BIN)/python
	@echo "Installing what it runs on (once, a minute or so) …"
	@$(INSTALL) -r bot/requirements.txt
	@touch $@

$(FOR_TEST): $(PINS_TEST) | $(BIN)/python
	@echo "Installing what it runs on and is tested with (once, two minutes or so) …"
	@$(INSTALL) -r requirements-dev.txt
	@touch $(FOR_RUN) $@
