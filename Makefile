# bxl-twin: `make demo` shows it, `make test` proves it; `make help` lists the rest.
.DEFAULT_GOAL := help
SHELL := /bin/bash
PORT ?= 8000
BIN := .venv/bin
PAGES := viewer/web/dist/index.html
PAGE_SOURCES := $(shell find viewer/web/src viewer/web/public -type f 2>/dev/null) $(wildcard viewer/web/*.json viewer/web/*.ts viewer/web/*.html)
export UV_LINK_MODE ?= copy
export UV_PROJECT_ENVIRONMENT := .venv

.PHONY: help env pages system demo test test-fast bench lint pictures validation validation-flood validation-heat validation-traffic validation-energy clean

help: ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1\t/' | expand -t 20

env: .venv/.ready ## .venv with everything, from uv.lock

.venv/.ready: pyproject.toml uv.lock
	@bash .ci/env
	@touch $@

pages: $(PAGES) ## the web pages

$(PAGES): .venv/.ready $(PAGE_SOURCES)
	$(BIN)/python viewer/web/build_hook.py

system: ## the browser and libraries that the tests need and pip cannot bring
	@bash .ci/system

demo: env pages ## the demo district in the browser (PORT=8000)
	$(BIN)/bxl-twin demo --port $(PORT)

test: env pages system lint ## everything a contributor or CI needs
	@bash .ci/tests

test-fast: env ## without long validations and without a browser
	$(BIN)/python -m pytest -m "not slow and not browser and not bench and not network"

lint: env pages
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/lint-imports
	$(BIN)/mypy
	$(BIN)/python viewer/web/build_hook.py check

bench: env ## speeds, as ratios against a memory triad of the same run
	$(BIN)/python -m pytest tests/benchmarks -m bench -s

validation: validation-flood validation-heat validation-traffic validation-energy ## docs/validation-*.md, from what the validating tests measure

validation-flood: env
	@mkdir -p var && rm -f var/measured-flood.jsonl
	$(BIN)/python -m pytest -q tests/kernels/flood tests/twin/formats/test_swmm.py tests/scenarios/test_real_storms.py --measured var/measured-flood.jsonl
	$(BIN)/python tests/validation/page.py flood var/measured-flood.jsonl docs/validation-flood.md

validation-heat: env
	@mkdir -p var && rm -f var/measured-heat.jsonl
	$(BIN)/python -m pytest -q tests/kernels/heat tests/twin/test_sunlight.py tests/twin/test_heat_layers.py tests/twin/test_tree_species.py tests/twin/test_tree_merging.py tests/twin/test_trees.py tests/twin/test_allometry.py tests/twin/test_tree_carbon.py tests/scenarios/test_signs_of_heat.py tests/scenarios/test_plant_trees.py tests/scenarios/test_plant_run.py --measured var/measured-heat.jsonl
	$(BIN)/python tests/validation/page.py heat var/measured-heat.jsonl docs/validation-heat.md

validation-traffic: env
	@mkdir -p var && rm -f var/measured-traffic.jsonl
	$(BIN)/python -m pytest -q tests/kernels/traffic tests/kernels/access tests/twin/test_travel_zones.py tests/twin/test_travel_matrix.py tests/twin/test_travel_tables.py tests/twin/test_travel_demand.py tests/twin/test_travel_counts.py tests/twin/test_access_layers.py tests/twin/formats/test_street_csv.py tests/scenarios/test_neighbourhood_filters.py tests/scenarios/test_brussels_traffic.py --measured var/measured-traffic.jsonl
	$(BIN)/python tests/validation/page.py traffic var/measured-traffic.jsonl docs/validation-traffic.md

validation-energy: env
	@mkdir -p var && rm -f var/measured-energy.jsonl
	$(BIN)/python -m pytest -q tests/kernels/energy tests/twin/test_solar_patches.py tests/twin/test_energy_faces.py tests/twin/test_tabula_belgium.py tests/twin/test_district_engines.py tests/twin/test_building_stock.py tests/twin/test_synthetic_year.py --measured var/measured-energy.jsonl
	$(BIN)/python tests/validation/page.py energy var/measured-energy.jsonl docs/validation-energy.md

pictures: env pages system ## the pictures of README, from the running page
	$(BIN)/python tests/viewer/web/take_pictures.py --out docs/images

clean: ## forget everything that was built
	rm -rf .venv viewer/web/node_modules viewer/web/dist var city demo
