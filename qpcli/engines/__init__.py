"""Where cells are tallied. No rule lives here."""
