"""qpcli works out which clinicians are Qualifying APM Participants (QPs)."""

__version__ = "0.1.0"
