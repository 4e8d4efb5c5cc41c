"""What users hold: one file per layout. A reader scans, renames and parses; it decides nothing."""
