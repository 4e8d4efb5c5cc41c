"""CMMI Model Data Sharing files: entities, providers and beneficiaries of a model, replaced as a whole each quarter."""
