"""The prepared claims store: claims of any layout made unique, split by beneficiary and sorted, once for many runs."""
