"""MSSP assignment list reports (AALR, QALR, HASSGN): who is assigned to an ACO, list by list."""
