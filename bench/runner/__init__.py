"""The runner of the benchmarks: bench/run starts it."""
