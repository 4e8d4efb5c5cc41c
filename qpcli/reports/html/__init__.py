"""A run as one self-contained HTML page: no script of others, no picture to fetch, nothing computed."""
