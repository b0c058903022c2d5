"""Forms of 一生一案."""
