"""Reads over the three lines."""
