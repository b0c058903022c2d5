"""Changes of the three lines."""
