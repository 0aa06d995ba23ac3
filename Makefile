# The one door: every task of the project, for people and for .ci/run.
# `make` alone lists them.

SWIFT ?= swift
BUILD_FLAGS ?=
PACKAGES = libc-ares-dev libpcre2-dev libpq-dev libsqlite3-dev libssl-dev pkg-config ca-certificates curl python3
TEST_PACKAGES = nginx nghttp2-client openssl postgresql python3-grpcio python3-h2 python3-hpack redis-server
BENCH_PACKAGES = nginx openssl wrk gcc libc6-dev postgresql

.PHONY: help setup test-setup bench-setup build release package run test fuzz bench bench-proxy bench-tls bench-routes bench-plugins \
  bench-admin bench-cluster check-format lint format clean

help: ## list the tasks
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

setup: ## install what the gateway needs (Debian packages; asks for root)
	@./scripts/install-packages $(PACKAGES)

test-setup: setup
	@./scripts/install-packages $(TEST_PACKAGES)

bench-setup: setup
	@./scripts/install-packages $(BENCH_PACKAGES)

build: setup ## build for development
	$(SWIFT) build $(BUILD_FLAGS)

release: setup ## build the binary people run: .build/release/gibbon
	$(SWIFT) build -c release --product gibbon --static-swift-stdlib -Xlinker --strip-debug $(BUILD_FLAGS)

package: release ## a Debian package of the release binary
	@./scripts/package .build/release/gibbon

run: release ## run the gateway in the foreground with a first route
	@./scripts/run-demo .build/release/gibbon

# Wait for tasks in the test process itself, whose few threads the end-to-end tests would keep busy for minutes.
UNDISTURBED = GibbonPluginsTests\.(BatchQueue|FileLog|HTTPLog|SocketLog|Statsd|Syslog)Tests|GibbonCQLTests\.Scripted

test: test-setup ## run every test, and a bounded fuzz
	@if [ -z "$$GIBBON_TEST_CASSANDRA" ]; then \
	  echo "The live tests on Cassandra did not run: GIBBON_TEST_CASSANDRA=host:port names no server."; fi
	$(SWIFT) build --build-tests $(BUILD_FLAGS)
	@Fuzz/measure & measuring=$$!; Fuzz/run $${GIBBON_TEST_FUZZ_RUNS:-20000} && wait $$measuring
	$(SWIFT) test --skip-build --filter '$(UNDISTURBED)' $(BUILD_FLAGS)
	$(SWIFT) test --skip-build --skip '$(UNDISTURBED)' $(BUILD_FLAGS)
	GIBBON_TEST_DATABASE=postgres $(SWIFT) test --skip-build --filter 'EndToEndTests\.Admin' \
	  --skip AdminDatastoreStartTests $(BUILD_FLAGS)

fuzz: ## look for crashes in the codec for ten minutes
	Fuzz/run 600s

bench: bench-proxy bench-tls bench-routes bench-plugins bench-admin bench-cluster ## measure everything: most of an hour

bench-proxy: bench-setup release ## compare with nginx on this machine
	python3 Benchmarks/bench.py --gibbon .build/release/gibbon

bench-tls: bench-setup release ## TLS, compared with nginx
	python3 Benchmarks/tls.py --gibbon .build/release/gibbon

bench-routes: bench-setup release ## what many routes, and changes of them, cost
	$(SWIFT) build -c release --product ChangeBenchmark --static-swift-stdlib $(BUILD_FLAGS)
	$(SWIFT) build -c release --product RouterBenchmark --static-swift-stdlib $(BUILD_FLAGS)
	.build/release/RouterBenchmark
	python3 Benchmarks/routes.py --gibbon .build/release/gibbon --changer .build/release/ChangeBenchmark

bench-plugins: bench-setup release ## what each plugin costs a request
	python3 Benchmarks/plugins.py --gibbon .build/release/gibbon

bench-admin: bench-setup release ## what administration costs: writes, imports, changes under traffic
	python3 Benchmarks/admin.py --gibbon .build/release/gibbon

# With GIBBON_BENCH_CASSANDRA=host:port the stores are measured on a Cassandra too.
bench-cluster: bench-setup release ## what several nodes on one datastore cost
	python3 Benchmarks/cluster.py --gibbon .build/release/gibbon

check-format:
	$(SWIFT) format lint --strict --recursive --parallel Sources Tests Benchmarks Package.swift

lint: check-format ## check formatting and the tidy rules
	$(SWIFT) test --filter TidyTests $(BUILD_FLAGS)

format: ## rewrite the sources in the house's format
	$(SWIFT) format --in-place --recursive --parallel Sources Tests Benchmarks Package.swift

clean: ## remove what was built
	rm -rf .build .build-fuzz
