"""Pieces of one job done at once: by threads of this process, or by processes of their own on this machine."""
