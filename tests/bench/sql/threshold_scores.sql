-- The scored groups. Given: the tables groups, group_entities, snapshots and sums.

-- Groups at each snapshot from which they are assessed; a clinician of several entities only if none of them is QP.
CREATE TEMP TABLE threshold_scores AS
WITH scored AS (
    SELECT
        group_id, s.snapshot::BIGINT AS snapshot, level, group_entity_id AS apm_entity_id, group_npi AS npi,
        coalesce(payment_numerator, 0)::BIGINT AS payment_numerator,
        coalesce(payment_denominator, 0)::BIGINT AS payment_denominator,
        coalesce(patient_numerator, 0)::BIGINT AS patient_numerator,
        coalesce(patient_denominator, 0)::BIGINT AS patient_denominator
    FROM groups g
    JOIN snapshots s ON s.snapshot >= g.from_snapshot
    LEFT JOIN sums USING (group_id, snapshot)
), qp_entities AS (
    SELECT apm_entity_id FROM scored
    WHERE level = 'apm_entity' AND snapshot = 3 AND (
        payment_denominator > 0 AND payment_numerator * 100 >= payment_denominator * 75
        OR patient_denominator > 0 AND patient_numerator * 100 >= patient_denominator * 50
    )
)
SELECT * EXCLUDE (group_id)
FROM scored
WHERE level <> 'individual' OR group_id NOT IN (
    SELECT group_id FROM group_entities SEMI JOIN qp_entities USING (apm_entity_id)
)
ORDER BY snapshot, level, apm_entity_id, npi;
