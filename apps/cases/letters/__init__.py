"""Papers of 一生一案."""
