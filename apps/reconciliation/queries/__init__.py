"""Reads over runs: figures, boards, lists, and the SQL of the comparison."""
