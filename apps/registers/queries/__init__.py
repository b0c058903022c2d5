"""Reads over uploads, staged rows and lines."""
