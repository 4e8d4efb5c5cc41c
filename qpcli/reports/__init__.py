"""How results leave: one file per format, the manifest, the terminal summary. Nothing is computed here."""
