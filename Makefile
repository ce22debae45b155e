# Two commands do everything: `make app` opens the planner, `make test` runs every check.
# Plain lines for Windows, without make, are in the README.

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
# Python compiles what is imported when it is; compiling all of every package takes half a minute.
INSTALL := $(PIP) install --no-compile
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

bench: $(VENV)/bench.installed  ## measure speed and memory beside other packages (about 10 minutes)
	$(BIN)/python -m tests.bench

lock: $(VENV)/dev.installed  ## resolve requirements.lock again, for every platform
	PATH="$(abspath $(BIN)):$$PATH" $(BIN)/python .ci/lock.py --upgrade

format: $(VENV)/dev.installed  ## lay the code out
	$(BIN)/ruff check --fix . && $(BIN)/ruff format .

clean:  ## remove the environment and everything made
	rm -rf $(VENV) out artefacts dist build

# Hashes are checked. The lock's first part is what the planner needs, the next two what its tests
# and its benchmark need beside that.
$(VENV)/packages.installed: requirements.lock pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	sed '/below this line/,$$d' requirements.lock > $(VENV)/app.lock
	$(INSTALL) --require-hashes --requirement $(VENV)/app.lock
	$(INSTALL) --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/app.installed: $(VENV)/packages.installed
	$(BIN)/planner warm
	@touch $@

# What is tested is installed by uv, which is several times as fast as pip; the check of the wheel
# installs as people do. The checks compile the searches themselves, beside other work.
$(VENV)/dev.installed: requirements.lock pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	sed '/from here on/,$$d' requirements.lock > $(VENV)/dev.lock
	awk '/^[^ ]/ {mine = /^uv==/} mine' $(VENV)/dev.lock > $(VENV)/uv.lock
	$(INSTALL) --quiet --require-hashes --requirement $(VENV)/uv.lock
	VIRTUAL_ENV=$(VENV) $(BIN)/uv pip install --quiet --require-hashes --requirement $(VENV)/dev.lock
	VIRTUAL_ENV=$(VENV) $(BIN)/uv pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@ $(VENV)/packages.installed

# A peer that cannot be installed here is left out of the comparison, which says so.
$(VENV)/bench.installed: $(VENV)/dev.installed
	-$(INSTALL) --quiet --require-hashes --requirement requirements.lock
	@touch $@
