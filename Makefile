# Two commands do everything: `make app` opens the planner, `make test` runs every check.
# Plain lines for Windows, without make, are in the README.

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
OUT ?= out

.PHONY: app demo test bench lock format clean help

help:  ## say what can be made
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /  /'

app: $(VENV)/app.installed  ## install, work out the demo place, open the app on it
	$(BIN)/planner app

demo: $(VENV)/app.installed  ## the same without a browser: writes the results to out/
	$(BIN)/planner run data/demo -o $(OUT)

test: $(VENV)/dev.installed  ## install what tests need (on Debian a browser too) and run every check
	PATH="$(abspath $(BIN)):$$PATH" bash tests/run_checks.sh

bench: $(VENV)/dev.installed  ## measure speed and memory against other packages
	$(BIN)/python -m tests.bench

lock: $(VENV)/dev.installed  ## resolve requirements.lock again, for every platform
	$(BIN)/uv pip compile pyproject.toml --extra dev --universal --python-version 3.11 \
		--generate-hashes --no-emit-index-url --no-header --upgrade -o requirements.lock

format: $(VENV)/dev.installed  ## lay the code out
	$(BIN)/ruff check --fix . && $(BIN)/ruff format .

clean:  ## remove the environment and everything made
	rm -rf $(VENV) out artefacts dist build

# The lock serves as constraints: each package has one version and its hashes are checked,
# while `make app` installs only what the planner needs.
$(VENV)/app.installed: requirements.lock pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(PIP) install --constraint requirements.lock uv_build
	$(PIP) install --constraint requirements.lock --no-build-isolation --editable .
	$(BIN)/planner warm
	@touch $@

$(VENV)/dev.installed: $(VENV)/app.installed
	$(PIP) install --quiet --constraint requirements.lock --no-build-isolation --editable '.[dev]'
	@touch $@
