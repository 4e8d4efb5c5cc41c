"""Small cells left out of a report that is to be shared (CMS cell size suppression policy)."""
