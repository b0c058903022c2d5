"""Changes of cases."""
