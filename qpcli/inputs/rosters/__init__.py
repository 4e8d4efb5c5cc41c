"""Participant lists as people hold them: exports of ACO-MS and REACH and hand-made ones, CSV or XLSX."""
