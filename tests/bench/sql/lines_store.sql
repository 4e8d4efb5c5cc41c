-- Claim lines of a prepared store: no copies.
-- Given: the view claim_lines. Made: the views alone, and versions of lines that hold a cancellation.

CREATE TEMP TABLE cancelled AS
SELECT DISTINCT bene_id, claim_id, line_number FROM claim_lines WHERE adjustment = 'cancellation';
CREATE TEMP VIEW alone AS FROM claim_lines ANTI JOIN cancelled USING (bene_id, claim_id, line_number);
CREATE TEMP VIEW versions AS FROM claim_lines SEMI JOIN cancelled USING (bene_id, claim_id, line_number);
