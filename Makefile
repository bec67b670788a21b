.PHONY: test lint bench sweep docs

test: lint
	cargo test --workspace

lint:
	cargo fmt --all --check
	cargo clippy --workspace --all-targets -- -D warnings

bench:
	cargo bench -p benches

# Breaks backup, purge, install and rollback in every way that there is, and brings them home each time.
sweep:
	REINSTALL_SWEEP=all cargo test -p checks --test sweep

docs:
	cargo run -p checks -- docs --write
