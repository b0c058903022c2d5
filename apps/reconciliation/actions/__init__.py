"""Changes: starting a run, settling, judging pairs, signing."""
