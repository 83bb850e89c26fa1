# Dianke. "make" alone prints what can be done.
SHELL := bash
.DEFAULT_GOAL := help
ASSETS := internal/surface/web/assets
PAGES := $(shell find internal/surface/web \( -name node_modules -o -name dist \) -prune -o -type f \
	\( -path '*/assets/src/*' -o -name '*.templ' -o -name '*.mjs' -o -name icons.txt \) -print)

.PHONY: help run build assets generate test check lint e2e bench migration clauses proposals clean

help: ## print this list
	@awk -F ':.*## ' '/^[a-z0-9]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: build ## build and start with the sample company on http://127.0.0.1:8420
	bin/dianke demo

build: assets ## build bin/dianke with pages and packs in it
	go build -trimpath -o bin/dianke ./cmd/dianke

assets: $(ASSETS)/dist/manifest.json ## bundle styles, scripts and icons of the pages

$(ASSETS)/node_modules/.package-lock.json: $(ASSETS)/package-lock.json
	cd $(ASSETS) && npm ci --ignore-scripts --no-audit --no-fund
	@touch $@

$(ASSETS)/dist/manifest.json: $(ASSETS)/node_modules/.package-lock.json $(PAGES)
	cd $(ASSETS) && node build.mjs
	@touch $@

generate: ## write generated code anew (templ)
	go tool templ generate

test: ## everything: formatting, generated code, both databases, pages in a browser
	scripts/test.sh

check: ## what most changes need, under two minutes: vet and tests on SQLite, without browsers
	@out=$$(gofmt -l cmd internal packs e2e); test -z "$$out" || { echo "gofmt: $$out"; exit 1; }
	go vet ./...
	go test -short ./...

lint: ## gofmt, go vet and the rules of the house
	@out=$$(gofmt -l cmd internal packs); test -z "$$out" || { echo "gofmt: $$out"; exit 1; }
	go vet ./...
	go test -count=1 ./internal/archtest

e2e: build ## the real program in a browser
	go test -count=1 ./e2e/...

bench: build ## what people do all day at 100,000 customers, as a table; CUSTOMERS=1000000 for ten times that
	bin/dianke bench --customers $(or $(CUSTOMERS),100000) --dir bench-data/$(or $(CUSTOMERS),100000)

clauses: ## print which clauses of the packs are bound and proven
	go run ./cmd/dianke clauses

proposals: ## print how good proposals for imported texts are, each regulation left out in turn
	go test ./internal/engine/regulation/proposal -count=1 -run LeaveOneOut -v

migration: ## write the next migration for both databases: make migration name=add_visits
	scripts/migration.sh "$(name)"

clean: ## remove what was built
	rm -rf bin $(ASSETS)/node_modules
	find $(ASSETS)/dist -type f ! -name .placeholder -delete
