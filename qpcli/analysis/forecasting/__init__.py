"""Forecasts: how complete the claims of a run are, and what the scores of a snapshot will be once they are complete."""
