-- Claim lines as delivered: rows of one line are found by hash, copies go, contradictions stop the job.
-- Given: the view claim_lines. Made: the view alone, and the table versions of lines delivered more than once.

CREATE TEMP TABLE repeated AS
SELECT hash(bene_id, claim_id, line_number) AS line_hash FROM claim_lines GROUP BY 1 HAVING count(*) > 1;

CREATE TEMP TABLE versions AS
SELECT DISTINCT
    claim_id, line_number, bene_id, npi, tin, hcpcs, service_date, processed_date, setting, adjustment, is_denied,
    if(adjustment = 'cancellation', abs(paid_amount), paid_amount) AS paid_amount,
    if(adjustment = 'cancellation', abs(withheld_amount), withheld_amount) AS withheld_amount,
    if(adjustment = 'cancellation', abs(excluded_amount), excluded_amount) AS excluded_amount
FROM claim_lines
WHERE hash(bene_id, claim_id, line_number) IN (SELECT line_hash FROM repeated);

SELECT error('duplicate_conflict')
FROM versions
GROUP BY bene_id, claim_id, line_number, adjustment, processed_date
HAVING count(*) > 1;

CREATE TEMP VIEW alone AS
SELECT * FROM claim_lines WHERE hash(bene_id, claim_id, line_number) NOT IN (SELECT line_hash FROM repeated);
