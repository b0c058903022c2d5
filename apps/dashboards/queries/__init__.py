"""Reads of the workbench and of a child's card."""
