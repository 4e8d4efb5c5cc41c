-- Claim lines as delivered: equal rows count once, contradicting ones stop the job.
-- Given: the view claim_lines. Made: the views alone, and versions of lines that hold a cancellation.

CREATE TEMP TABLE lines AS
SELECT DISTINCT
    claim_id, line_number, bene_id, npi, tin, hcpcs, service_date, processed_date, setting, adjustment, is_denied,
    if(adjustment = 'cancellation', abs(paid_amount), paid_amount) AS paid_amount,
    if(adjustment = 'cancellation', abs(withheld_amount), withheld_amount) AS withheld_amount,
    if(adjustment = 'cancellation', abs(excluded_amount), excluded_amount) AS excluded_amount
FROM claim_lines;

SELECT error('duplicate_conflict')
FROM lines
GROUP BY bene_id, claim_id, line_number, adjustment, processed_date
HAVING count(*) > 1;

CREATE TEMP TABLE cancelled AS
SELECT DISTINCT bene_id, claim_id, line_number FROM lines WHERE adjustment = 'cancellation';
CREATE TEMP VIEW alone AS FROM lines ANTI JOIN cancelled USING (bene_id, claim_id, line_number);
CREATE TEMP VIEW versions AS FROM lines SEMI JOIN cancelled USING (bene_id, claim_id, line_number);
