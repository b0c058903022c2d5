"""Reads over cases: the lists, and who needs a case."""
