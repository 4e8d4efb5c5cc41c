"""The whole Medicare Option calculation a second time, in plain Python, to hold against qpcli."""
