"""What the plan says of a case: what must be true for a step, by when, and what fits a cause. Plain values; no clock, no database."""
