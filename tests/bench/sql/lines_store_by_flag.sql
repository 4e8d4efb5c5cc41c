-- Claim lines of a prepared store: no copies, and a flag on lines that were delivered in several versions.
-- Given: the view claim_lines. Made: the view alone, and the table versions.

CREATE TEMP TABLE versions AS
SELECT
    claim_id, line_number, bene_id, npi, tin, hcpcs, service_date, processed_date, setting, adjustment, is_denied,
    paid_amount, withheld_amount, excluded_amount
FROM claim_lines
WHERE has_versions;

CREATE TEMP VIEW alone AS SELECT * FROM claim_lines WHERE NOT has_versions;
