# Two commands do all the set-up: `make demo` and `make test`.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin

.PHONY: demo test check browser format lock clean

demo: $(VENV)/.runtime  ## Play the whole bot on this machine, without any account.
	@$(BIN)/smokejumper demo

test: check browser  ## Format, lint, types, import contracts, every test.
	$(BIN)/pytest -n 2 --dist worksteal

check: $(VENV)/.dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy --no-incremental
	$(BIN)/lint-imports

browser:  ## Install Chromium, where it is missing and we may.
	@sh scripts/browser

format: $(VENV)/.dev
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

lock: $(VENV)/.dev  ## Pin every dependency again, with hashes and without a registry address.
	$(BIN)/uv pip compile $(COMPILE) pyproject.toml -o locks/runtime.txt
	$(BIN)/uv pip compile $(COMPILE) --group build -o locks/build.txt
	$(BIN)/uv pip compile $(COMPILE) --group bench --constraint locks/runtime.txt -o locks/bench.txt
	$(BIN)/uv pip compile $(COMPILE) pyproject.toml --extra cards --group build --group dev -o locks/dev.txt
COMPILE := --universal --generate-hashes --python-version 3.11 --no-header --no-annotate --quiet

$(VENV)/.runtime: locks/runtime.txt locks/build.txt pyproject.toml scripts/environment
	@PYTHON="$(PYTHON)" sh scripts/environment $(VENV) runtime

$(VENV)/.dev: locks/dev.txt pyproject.toml scripts/environment
	@PYTHON="$(PYTHON)" sh scripts/environment $(VENV) dev

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
