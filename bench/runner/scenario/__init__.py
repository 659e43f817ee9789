"""The scenarios: each has a run(bench) and says in its first line what for."""
