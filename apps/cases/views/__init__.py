"""Pages of 一生一案."""
