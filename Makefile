# make audit   set everything up and run the main job on this machine and the example unit; writes only under out/
# make test    set everything up and run the tests
# make soak    the long round of faults (hours): kills under load, fuzzing; writes docs/soak.md
# make check   format, lint, types, tests: what .ci/run runs
# make locks   resolve the dependencies anew (needs uv: make locks UV=/path/to/uv)
# make agent-packages   the agent as a zipapp, a .deb and a .rpm, under dist/ (needs dpkg-deb and rpmbuild)
# make clean   remove what the above made

VENV := .venv
PYTHON ?=
UV ?= uv
WORKERS ?= auto
BIN := $(VENV)/bin
SERVER := $(VENV)/.installed-server
TEST := $(VENV)/.installed-test

.PHONY: audit test soak check setup format locks third-party example agent-packages clean
.DEFAULT_GOAL := audit
.DELETE_ON_ERROR:

audit: $(SERVER)
	@$(BIN)/python -m auditor.example.first_run

test: $(TEST)
	$(BIN)/python -m pytest -m "not slow" -n $(WORKERS)

soak: $(TEST)
	$(BIN)/python tests/soak/soak.py --docs

check: $(TEST)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/python -m pytest -n $(WORKERS)

setup: $(SERVER)

format: $(TEST)
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

locks: $(TEST)
	$(BIN)/python tests/support/make_locks.py --uv $(UV)
	$(BIN)/python tests/support/make_third_party.py

third-party: $(TEST)
	$(BIN)/python tests/support/make_third_party.py

example: $(TEST)
	$(BIN)/python tests/support/make_example_ledger.py

agent-packages:
	@$${PYTHON:-python3} -m agent.deploy.packages --output dist

clean:
	rm -rf $(VENV) out dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# --- set-up: a virtual environment in the checkout, filled from lock files whose every file is checked by its hash ---

$(VENV)/.made: tests/support/make_venv.sh
	@sh tests/support/make_venv.sh $(VENV) $(PYTHON)
	@touch $@

$(SERVER): locks/server.txt $(VENV)/.made
	@echo "Installing the checker: downloads about $$(sed -n 's/^# download: //p' $<), once, from the Python package index"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --only-binary :all: -r $<
	@touch $@

$(TEST): locks/test.txt $(SERVER)
	@echo "Installing the tests' tools: with the checker about $$(sed -n 's/^# download: //p' $<), what is there already is not fetched again"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --only-binary :all: -r $<
	@touch $@
