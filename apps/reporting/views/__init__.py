"""Pages of the three lines."""
