.PHONY: test lint bench sweep engines repeat heal fuzz docs

test: lint
	cargo test --workspace --no-fail-fast

lint:
	cargo fmt --all --check
	cargo clippy --workspace --all-targets -- -D warnings

bench:
	cargo bench -p benches

# Breaks backup, purge, install and rollback in every way that there is, and brings them home each time. For fewer:
# `REINSTALL_SWEEP_MINUTES=10 make sweep` begins nothing more after that.
sweep:
	REINSTALL_SWEEP=all cargo test -p checks --test sweep

# The whole suite over other engines than that of `cargo test --test reinstall`.
engines:
	cargo test -p checks --test engines -- --include-ignored --test-threads 1
	cargo test -p checks --test faults -- --include-ignored "on forky"
	cargo test -p checks --test faults -- --ignored "that hangs"

# Verdicts about the cache while every processor is busy, twenty times.
repeat:
	cargo test -p checks --test faults -- --ignored busy

# Every fault, planted alone: what the catalogue says heals it does, and nothing else.
heal:
	cargo test -p checks --test faults -- --ignored healed

# Tries every parser of what others may have written, for so many seconds each: `make fuzz SECONDS=600`.
fuzz:
	cd fuzz && for name in $$(ls seeds); do mkdir -p corpus/$$name && cargo run --quiet --bin $$name -- -max_total_time=$(or $(SECONDS),60) corpus/$$name seeds/$$name || exit 1; done

docs:
	cargo run -p checks -- docs --write
