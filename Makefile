# Every target makes what it needs; Python 3.11 or newer and make are enough to begin.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
SOURCES := pyproject.toml $(shell find qpcli -name '*.py' -o -name '*.toml' -o -name '*.csv')
SAMPLE := --year 2025 --claims sample_data/claim_lines --beneficiaries 'sample_data/beneficiaries.*' \
	--participants 'sample_data/participants.*' --attribution 'sample_data/attribution.*' \
	--entities 'sample_data/entities.*'
COVERING := tests/spec tests/rules tests/cases tests/oracle tests/reports tests/analysis tests/store/test_coding.py \
	tests/engines/test_task.py $(addprefix tests/cli/,test_apms.py test_report.py test_whatif.py test_worth.py)
GOLDEN := threshold_scores determinations clinicians exclusions

.DEFAULT_GOAL := help
.PHONY: help run test check fix bench fuzz coverage golden clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: $(VENV)/installed ## Determine the sample data for 2025 and write the reports into out/
	$(BIN)/qpcli determine $(SAMPLE) --out out

test: $(VENV)/developed ## Run the tests, a file to each core
	$(BIN)/pytest --numprocesses auto --dist loadfile --no-loadscope-reorder

check: $(VENV)/developed ## Lint, format check and types; changes nothing
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

fix: $(VENV)/developed ## Format, and mend what the linter can mend
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: $(VENV)/benched ## Time qpcli beside reference points; SIZES="1 5 50" million lines, ROUNDS=3, PARTS=determination
	$(BIN)/python -m tests.bench $(if $(SIZES),--million-lines $(SIZES)) $(if $(ROUNDS),--rounds $(ROUNDS)) \
		$(if $(PARTS),--parts $(PARTS)) $(if $(SHARDS),--shards $(SHARDS))

fuzz: $(VENV)/developed ## Damage inputs of every layout in thousands of ways; CASES=N for another number
	$(BIN)/python -m tests.faults.fuzz $(or $(CASES),2300)

coverage: $(VENV)/developed ## Branches of rules, regulation and publishing that the tests take; fails under 100 %
	$(BIN)/coverage run -m pytest $(COVERING)
	$(BIN)/coverage report

golden: $(VENV)/installed ## Write tests/golden and the README's outputs again; read the difference before you commit it
	mkdir -p tests/golden
	for table in $(GOLDEN); do \
		$(BIN)/qpcli determine $(SAMPLE) --quiet --fail-on never --out - --table $$table \
			> tests/golden/$$table.csv || exit $$?; \
	done
	$(BIN)/python -m tests.support.readme

clean: ## Remove what these targets made
	rm -rf $(VENV) .coverage out .out.qpcli.lock bench dist .mypy_cache .pytest_cache .ruff_cache .hypothesis

$(VENV)/created:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed")'
	$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/installed: $(VENV)/created $(SOURCES)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check .
	@touch $@

# The names of the tools stand in pyproject.toml; older versions of pip cannot read them there.
$(VENV)/developed: $(VENV)/created pyproject.toml
	$(BIN)/python -c 'import tomllib; print(*tomllib.load(open("pyproject.toml", "rb"))["dependency-groups"]["dev"], sep="\n")' \
		> $(VENV)/tools.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable . --requirement $(VENV)/tools.txt
	@touch $@

$(VENV)/benched: $(VENV)/developed
	$(BIN)/python -c 'import tomllib; print(*tomllib.load(open("pyproject.toml", "rb"))["dependency-groups"]["bench"], sep="\n")' \
		> $(VENV)/bench.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --requirement $(VENV)/bench.txt
	@touch $@
