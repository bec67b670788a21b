.PHONY: test lint bench sweep docs

test: lint
	cargo test --workspace

lint:
	cargo fmt --all --check
	cargo clippy --workspace --all-targets -- -D warnings

bench:
	cargo bench -p benches

# Ends a reinstall by `kill -9` at every record of its journal, and brings it home each time.
sweep:
	cargo test -p checks --test program -- --ignored

docs:
	cargo run -p checks -- docs --write
