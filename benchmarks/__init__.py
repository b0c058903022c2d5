"""What is claimed with a number is measured here: ``make bench`` (ratios and truths in one run, docs/benchmarks.md)."""
