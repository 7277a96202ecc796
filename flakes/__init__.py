"""Whether the same server gets the same verdicts every time: many runs at once, compared with one another."""
