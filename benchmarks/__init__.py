"""One script a question; each prints its table. See docs/benchmarks.md."""
