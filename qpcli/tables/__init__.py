"""The canonical tables: one schema per file, the contract with every reader and every reader's user."""
