"""BCDA bulk exports: ExplanationOfBenefit, Patient and Coverage resources of versions 2 and 3."""
