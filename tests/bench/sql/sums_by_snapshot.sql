-- From claim lines to the sums of every group, rule after rule, one pass for each snapshot.
-- Given: what lists.sql and lines_*.sql make, and the view given_beneficiaries.
-- The views speak of the snapshot that the variables number, last_day and processed_by name.

SET VARIABLE number = 1;
SET VARIABLE last_day = DATE '2025-03-31';
SET VARIABLE processed_by = DATE '2025-05-30';

-- Rows visible at a snapshot; families that hold a cancellation netted among them.
CREATE TEMP VIEW standing_lines AS
    SELECT
        npi, tin, bene_id, hcpcs, service_date, setting, 1 AS line_count,
        net_cents(paid_amount, withheld_amount, excluded_amount) AS cents
    FROM alone
    WHERE service_date BETWEEN DATE '2025-01-01' AND getvariable('last_day')
      AND (processed_date <= getvariable('processed_by') OR processed_date IS NULL) AND NOT is_denied
    UNION ALL BY NAME
    SELECT
        npi, tin, bene_id, hcpcs, service_date, setting,
        sum(if(adjustment = 'cancellation', -1, 1)) AS line_count,
        sum(if(
            adjustment = 'cancellation',
            -net_cents(abs(paid_amount), abs(withheld_amount), abs(excluded_amount)),
            net_cents(paid_amount, withheld_amount, excluded_amount)
        )) AS cents
    FROM versions
    WHERE service_date BETWEEN DATE '2025-01-01' AND getvariable('last_day')
      AND (processed_date <= getvariable('processed_by') OR processed_date IS NULL) AND NOT is_denied
    GROUP BY claim_id, line_number, npi, tin, bene_id, service_date, hcpcs, setting
    HAVING sum(if(adjustment = 'cancellation', -1, 1)) >= 1;

-- Covered professional, RHC and FQHC services of every group. The day is kept where episodes may decide.
CREATE TEMP VIEW services_at_snapshot AS
    WITH judged AS (
        SELECT
            g.group_id, l.bene_id, if(g.has_episodes, l.service_date, NULL) AS service_day, l.line_count, l.cents,
            l.setting IN ('rhc', 'fqhc') AS is_rural,
            l.setting IN ('professional', 'cah_method_ii') AND l.hcpcs IS NOT NULL
                AND NOT coalesce(c.is_not_covered, FALSE) AS is_covered,
            coalesce(c.is_em, FALSE) AS is_em
        FROM standing_lines l
        JOIN pairs g
          ON g.npi = l.npi
         AND g.tin = CASE
             WHEN l.tin IS NULL AND l.setting IN ('cah_method_ii', 'rhc', 'fqhc') THEN '' ELSE l.tin
         END
         AND l.service_date BETWEEN g.first_day AND g.last_day
        LEFT JOIN codes c ON c.hcpcs = l.hcpcs
        WHERE getvariable('number') >= g.from_snapshot
    )
    SELECT
        group_id, bene_id, service_day,
        sum(if(is_covered, cents, 0)) AS cents,
        sum(line_count) AS service_count,
        sum(if(is_covered AND is_em, line_count, 0)) AS em_count
    FROM judged
    WHERE is_covered OR is_rural
    GROUP BY ALL;

-- One row per group and beneficiary served: all of it, and the attributed part, by list or by episode.
CREATE TEMP VIEW served_at_snapshot AS
    WITH services AS (
        FROM services_at_snapshot
    ), attributed AS (
        SELECT DISTINCT group_id, bene_id
        FROM services JOIN group_entities USING (group_id) JOIN attribution USING (apm_entity_id, bene_id)
        WHERE NOT is_episode_based AND getvariable('last_day') BETWEEN start_date AND end_date
    ), in_episode AS (
        SELECT DISTINCT group_id, bene_id, service_day
        FROM services JOIN group_entities USING (group_id) JOIN attribution USING (apm_entity_id, bene_id)
        WHERE is_episode_based AND service_day BETWEEN episode_start_date AND episode_end_date
    ), marked AS (
        SELECT s.*, a.bene_id IS NOT NULL OR e.bene_id IS NOT NULL AS is_attributed
        FROM services s
        LEFT JOIN attributed a ON a.group_id = s.group_id AND a.bene_id = s.bene_id
        LEFT JOIN in_episode e
          ON e.group_id = s.group_id AND e.bene_id = s.bene_id AND e.service_day = s.service_day
    )
    SELECT
        group_id, bene_id,
        sum(cents) AS cents,
        sum(if(is_attributed, cents, 0)) AS attributed_cents,
        bool_or(is_attributed) AS is_served_as_attributed,
        sum(em_count) > 0 AS has_em
    FROM marked
    GROUP BY group_id, bene_id;

-- Criteria (1) to (5): every living month of the period so far is covered, and by no span that fails.
CREATE TEMP VIEW eligible_at_snapshot AS
    WITH spans AS (
        SELECT
            bene_id, birth_date, coalesce(death_date, DATE '9999-12-31') AS death_date,
            months_between(coalesce(start_date, DATE '1800-01-01'), coalesce(end_date, DATE '9999-12-31')) AS covered,
            coalesce(
                NOT is_managed_care AND NOT is_medicare_secondary AND has_part_a AND has_part_b AND is_us_resident,
                FALSE
            ) AS is_good
        FROM given_beneficiaries
    ), people AS (
        SELECT
            bene_id,
            min(birth_date) AS birth_date,
            months_until(least(min(death_date), getvariable('last_day'))) AS required,
            bit_or(covered) & ~bit_or(if(is_good, 0, covered)) AS good
        FROM spans
        GROUP BY bene_id
    )
    SELECT bene_id FROM people
    WHERE birth_date <= (getvariable('last_day') - INTERVAL 18 YEAR)::DATE AND required > 0 AND (required & ~good) = 0;

-- The eligible people of every group, less those prospectively attributed elsewhere.
CREATE TEMP VIEW people_at_snapshot AS
    WITH prospective AS (
        SELECT bene_id, count(DISTINCT apm_entity_id) AS entity_count, min(apm_entity_id) AS one_entity_id
        FROM attribution
        WHERE is_prospective AND getvariable('last_day') BETWEEN start_date AND end_date
        GROUP BY bene_id
    ), served AS (
        FROM served_at_snapshot
    ), removed AS (
        SELECT group_id, bene_id
        FROM served JOIN prospective USING (bene_id) JOIN group_entities USING (group_id)
        GROUP BY group_id, bene_id
        HAVING bool_and(removes_prospective_elsewhere AND (entity_count >= 2 OR one_entity_id <> apm_entity_id))
    )
    SELECT
        getvariable('number') AS snapshot, v.*,
        has_em AND e.bene_id IS NOT NULL AND r.bene_id IS NULL AS is_eligible
    FROM served v
    LEFT JOIN eligible_at_snapshot e ON e.bene_id = v.bene_id
    LEFT JOIN removed r ON r.group_id = v.group_id AND r.bene_id = v.bene_id;

CREATE TEMP TABLE people AS FROM people_at_snapshot;
SET VARIABLE number = 2;
SET VARIABLE last_day = DATE '2025-06-30';
SET VARIABLE processed_by = DATE '2025-08-29';
INSERT INTO people FROM people_at_snapshot;
SET VARIABLE number = 3;
SET VARIABLE last_day = DATE '2025-08-31';
SET VARIABLE processed_by = DATE '2025-10-30';
INSERT INTO people FROM people_at_snapshot;

-- A clinician of several entities: the people served who are eligible for any of these entities.
CREATE TEMP VIEW eligible_by_group AS
SELECT p.group_id, bene_id, snapshot
FROM people p JOIN groups USING (group_id)
WHERE level <> 'individual' AND is_eligible
UNION
SELECT own.group_id, own.bene_id, own.snapshot
FROM people own
JOIN groups i ON i.group_id = own.group_id AND i.level = 'individual'
JOIN group_entities m ON m.group_id = i.group_id
JOIN groups e ON e.level = 'apm_entity' AND e.group_entity_id = m.apm_entity_id
JOIN people p ON p.group_id = e.group_id AND p.bene_id = own.bene_id AND p.snapshot = own.snapshot
WHERE p.is_eligible;

CREATE TEMP TABLE sums AS
SELECT
    group_id, snapshot,
    sum(attributed_cents) AS payment_numerator, sum(cents) AS payment_denominator,
    count(*) FILTER (is_served_as_attributed) AS patient_numerator, count(*) AS patient_denominator
FROM people SEMI JOIN eligible_by_group USING (group_id, bene_id, snapshot)
GROUP BY group_id, snapshot;
