-- From claim lines to the sums of every group, in one pass for all snapshots: a line is put once under the first
-- snapshot that sees it.
-- Given: what lists.sql and lines_*.sql make, and the views given_beneficiaries and given_attribution.

-- The first snapshot that sees a line; 4 when none does. Without a processing date a line is in time.
CREATE TEMP MACRO seen(service_date, processed_date) AS greatest(
    CASE
        WHEN service_date <= DATE '2025-03-31' THEN 1
        WHEN service_date <= DATE '2025-06-30' THEN 2
        WHEN service_date <= DATE '2025-08-31' THEN 3
        ELSE 4
    END,
    CASE
        WHEN processed_date IS NULL OR processed_date <= DATE '2025-05-30' THEN 1
        WHEN processed_date <= DATE '2025-08-29' THEN 2
        WHEN processed_date <= DATE '2025-10-30' THEN 3
        ELSE 4
    END
)::TINYINT;

-- Families with several versions, netted among the rows visible at each snapshot; then what each snapshot adds.
CREATE TEMP TABLE net_changes AS
WITH signed AS (
    SELECT
        *,
        seen(service_date, processed_date) AS seen_snapshot,
        if(adjustment = 'cancellation', -1, 1) AS sign,
        if(
            adjustment = 'cancellation',
            -net_cents(abs(paid_amount), abs(withheld_amount), abs(excluded_amount)),
            net_cents(paid_amount, withheld_amount, excluded_amount)
        ) AS cents
    FROM versions
    WHERE service_date BETWEEN DATE '2025-01-01' AND DATE '2025-08-31' AND NOT is_denied
), families AS (
    SELECT
        s.snapshot, npi, tin, bene_id, hcpcs, service_date, setting,
        sum(sign) FILTER (seen_snapshot <= s.snapshot) AS net_count,
        sum(cents) FILTER (seen_snapshot <= s.snapshot) AS net_cents,
        claim_id, line_number
    FROM signed CROSS JOIN snapshots s
    GROUP BY s.snapshot, claim_id, line_number, npi, tin, bene_id, service_date, hcpcs, setting
), standing AS (
    SELECT
        * EXCLUDE (net_count, net_cents),
        if(net_count >= 1, net_count, 0) AS line_count,
        if(net_count >= 1, net_cents, 0) AS cents
    FROM families
)
SELECT
    npi, tin, bene_id, hcpcs, service_date, setting, snapshot::TINYINT AS seen_snapshot,
    (line_count - coalesce(lag(line_count) OVER earlier, 0))::INTEGER AS line_count,
    (cents - coalesce(lag(cents) OVER earlier, 0))::BIGINT AS cents
FROM standing
WINDOW earlier AS (
    PARTITION BY claim_id, line_number, npi, tin, bene_id, service_date, hcpcs, setting ORDER BY snapshot
);

-- What every group did for every beneficiary, by the snapshot from which it counts.
-- The day is kept for groups with an episode-based entity.
CREATE TEMP TABLE services AS
WITH counted AS (
    SELECT
        npi, tin, bene_id, hcpcs, service_date, setting, 1 AS line_count,
        seen(service_date, processed_date) AS seen_snapshot,
        net_cents(paid_amount, withheld_amount, excluded_amount) AS cents
    FROM alone
    WHERE service_date BETWEEN DATE '2025-01-01' AND DATE '2025-08-31'
      AND (processed_date <= DATE '2025-10-30' OR processed_date IS NULL)
      AND adjustment <> 'cancellation' AND NOT is_denied AND setting <> 'other'
    UNION ALL BY NAME
    SELECT * FROM net_changes WHERE (line_count <> 0 OR cents <> 0) AND setting <> 'other'
), judged AS (
    SELECT
        g.group_id, l.bene_id,
        greatest(l.seen_snapshot, g.from_snapshot) AS snapshot,
        if(g.has_episodes, l.service_date, NULL) AS day,
        l.line_count, l.cents,
        l.setting IN ('rhc', 'fqhc') AS is_rural,
        l.setting IN ('professional', 'cah_method_ii') AND l.hcpcs IS NOT NULL
            AND NOT coalesce(c.is_not_covered, FALSE) AS is_covered,
        coalesce(c.is_em, FALSE) AS is_em
    FROM counted l
    JOIN pairs g
      ON g.npi = l.npi
     AND g.tin = CASE WHEN l.tin IS NULL AND l.setting <> 'professional' THEN '' ELSE l.tin END
     AND l.service_date BETWEEN g.first_day AND g.last_day
    LEFT JOIN codes c ON c.hcpcs = l.hcpcs
)
SELECT
    group_id, bene_id, snapshot, day,
    sum(if(is_covered, cents, 0)) AS cents,
    sum(line_count) AS service_count,
    sum(if(is_covered AND is_em, line_count, 0)) AS em_count
FROM judged
WHERE is_covered OR is_rural
GROUP BY ALL;

-- Attributed by a list in force on the snapshot's date, or for an episode-based entity by an episode on the day.
CREATE TEMP TABLE attributed AS
SELECT
    group_id, bene_id,
    bool_or(DATE '2025-03-31' BETWEEN start_date AND end_date) AS is_listed_1,
    bool_or(DATE '2025-06-30' BETWEEN start_date AND end_date) AS is_listed_2,
    bool_or(DATE '2025-08-31' BETWEEN start_date AND end_date) AS is_listed_3
FROM (SELECT DISTINCT group_id, bene_id FROM services)
JOIN group_entities e USING (group_id)
JOIN attribution a USING (apm_entity_id, bene_id)
WHERE NOT e.is_episode_based
GROUP BY ALL;

CREATE TEMP TABLE in_episode AS
SELECT DISTINCT s.group_id, s.bene_id, s.day
FROM services s
JOIN group_entities e ON e.group_id = s.group_id AND e.is_episode_based
JOIN attribution a
  ON a.apm_entity_id = e.apm_entity_id AND a.bene_id = s.bene_id
 AND s.day BETWEEN a.episode_start_date AND a.episode_end_date;

-- One row per group and beneficiary: what counts at each snapshot, and the attributed part of it.
CREATE TEMP TABLE served AS
WITH marked AS (
    SELECT
        s.*,
        coalesce(is_listed_1, FALSE) OR e.day IS NOT NULL AS is_attributed_1,
        coalesce(is_listed_2, FALSE) OR e.day IS NOT NULL AS is_attributed_2,
        coalesce(is_listed_3, FALSE) OR e.day IS NOT NULL AS is_attributed_3
    FROM services s
    LEFT JOIN attributed USING (group_id, bene_id)
    LEFT JOIN in_episode e ON e.group_id = s.group_id AND e.bene_id = s.bene_id AND e.day = s.day
), by_day AS (
    SELECT
        group_id, bene_id, day,
        coalesce(sum(cents) FILTER (snapshot <= 1), 0) AS cents_1,
        coalesce(sum(cents) FILTER (snapshot <= 2), 0) AS cents_2,
        coalesce(sum(cents), 0) AS cents_3,
        coalesce(sum(service_count) FILTER (snapshot <= 1), 0) AS service_count_1,
        coalesce(sum(service_count) FILTER (snapshot <= 2), 0) AS service_count_2,
        coalesce(sum(service_count), 0) AS service_count_3,
        coalesce(sum(em_count) FILTER (snapshot <= 1), 0) AS em_count_1,
        coalesce(sum(em_count) FILTER (snapshot <= 2), 0) AS em_count_2,
        coalesce(sum(em_count), 0) AS em_count_3,
        any_value(is_attributed_1) AS is_attributed_1,
        any_value(is_attributed_2) AS is_attributed_2,
        any_value(is_attributed_3) AS is_attributed_3
    FROM marked
    GROUP BY group_id, bene_id, day
)
SELECT
    group_id, bene_id,
    sum(cents_1) AS cents_1, sum(cents_2) AS cents_2, sum(cents_3) AS cents_3,
    sum(if(is_attributed_1, cents_1, 0)) AS attributed_cents_1,
    sum(if(is_attributed_2, cents_2, 0)) AS attributed_cents_2,
    sum(if(is_attributed_3, cents_3, 0)) AS attributed_cents_3,
    sum(service_count_1) > 0 AS is_served_1,
    sum(service_count_2) > 0 AS is_served_2,
    sum(service_count_3) > 0 AS is_served_3,
    sum(if(is_attributed_1, service_count_1, 0)) > 0 AS is_served_as_attributed_1,
    sum(if(is_attributed_2, service_count_2, 0)) > 0 AS is_served_as_attributed_2,
    sum(if(is_attributed_3, service_count_3, 0)) > 0 AS is_served_as_attributed_3,
    sum(em_count_1) > 0 AS has_em_1, sum(em_count_2) > 0 AS has_em_2, sum(em_count_3) > 0 AS has_em_3
FROM by_day
GROUP BY group_id, bene_id;

-- Criteria (1) to (5): every living month of the period so far is covered, and by no span that fails.
CREATE TEMP TABLE eligible_people AS
WITH spans AS (
    SELECT
        bene_id, birth_date, coalesce(death_date, DATE '9999-12-31') AS death_date,
        months_between(coalesce(start_date, DATE '1800-01-01'), coalesce(end_date, DATE '9999-12-31')) AS covered,
        coalesce(
            NOT is_managed_care AND NOT is_medicare_secondary AND has_part_a AND has_part_b AND is_us_resident, FALSE
        ) AS is_good
    FROM given_beneficiaries
), people AS (
    SELECT
        bene_id,
        min(birth_date) AS birth_date,
        months_until(min(death_date)) AS living,
        bit_or(covered) & ~bit_or(if(is_good, 0, covered)) AS good
    FROM spans
    GROUP BY bene_id
)
SELECT
    bene_id,
    birth_date <= DATE '2007-03-31' AND (living & 7) > 0 AND (living & 7 & ~good) = 0 AS is_eligible_1,
    birth_date <= DATE '2007-06-30' AND (living & 63) > 0 AND (living & 63 & ~good) = 0 AS is_eligible_2,
    birth_date <= DATE '2007-08-31' AND (living & 255) > 0 AND (living & 255 & ~good) = 0 AS is_eligible_3
FROM people;

-- To which entities a person is prospectively attributed, and whether that removes the person from a group.
CREATE TEMP TABLE removed AS
WITH prospective AS (
    SELECT
        bene_id, snapshot,
        count(DISTINCT apm_entity_id) AS entity_count, min(apm_entity_id) AS one_entity_id
    FROM attribution JOIN snapshots s ON s.last_day BETWEEN start_date AND end_date
    WHERE is_prospective
    GROUP BY ALL
), by_snapshot AS (
    SELECT
        v.group_id, p.bene_id, p.snapshot,
        bool_and(
            e.removes_prospective_elsewhere AND (p.entity_count >= 2 OR p.one_entity_id <> e.apm_entity_id)
        ) AS is_removed
    FROM served v JOIN prospective p USING (bene_id) JOIN group_entities e USING (group_id)
    GROUP BY ALL
)
SELECT
    group_id, bene_id,
    coalesce(bool_or(is_removed) FILTER (snapshot = 1), FALSE) AS is_removed_1,
    coalesce(bool_or(is_removed) FILTER (snapshot = 2), FALSE) AS is_removed_2,
    coalesce(bool_or(is_removed) FILTER (snapshot = 3), FALSE) AS is_removed_3
FROM by_snapshot
GROUP BY ALL;

CREATE TEMP TABLE judged_people AS
SELECT
    v.*,
    coalesce(is_eligible_1 AND has_em_1 AND NOT coalesce(is_removed_1, FALSE), FALSE) AS is_eligible_1,
    coalesce(is_eligible_2 AND has_em_2 AND NOT coalesce(is_removed_2, FALSE), FALSE) AS is_eligible_2,
    coalesce(is_eligible_3 AND has_em_3 AND NOT coalesce(is_removed_3, FALSE), FALSE) AS is_eligible_3
FROM served v
LEFT JOIN eligible_people USING (bene_id)
LEFT JOIN removed USING (group_id, bene_id);

-- A clinician of several entities: the people served who are eligible for any of these entities.
CREATE TEMP TABLE individually AS
WITH individuals AS (
    SELECT i.group_id, e.group_id AS entity_group_id
    FROM groups i
    JOIN group_entities USING (group_id)
    JOIN groups e ON e.level = 'apm_entity' AND e.group_entity_id = group_entities.apm_entity_id
    WHERE i.level = 'individual'
)
SELECT DISTINCT own.group_id, own.bene_id
FROM served own
JOIN individuals USING (group_id)
JOIN judged_people p ON p.group_id = individuals.entity_group_id AND p.bene_id = own.bene_id
WHERE p.is_eligible_3;

CREATE TEMP TABLE sums AS
WITH people AS (
    SELECT p.* FROM judged_people p JOIN groups USING (group_id) WHERE level <> 'individual'
    UNION ALL BY NAME
    SELECT p.* EXCLUDE (is_eligible_1, is_eligible_2, is_eligible_3),
        FALSE AS is_eligible_1, FALSE AS is_eligible_2, TRUE AS is_eligible_3
    FROM judged_people p SEMI JOIN individually USING (group_id, bene_id)
    WHERE group_id IN (SELECT group_id FROM groups WHERE level = 'individual')
)
SELECT
    group_id, 1 AS snapshot,
    sum(attributed_cents_1) AS payment_numerator, sum(cents_1) AS payment_denominator,
    count(*) FILTER (is_served_as_attributed_1) AS patient_numerator, count(*) FILTER (is_served_1) AS patient_denominator
FROM people WHERE is_eligible_1 GROUP BY group_id
UNION ALL
SELECT
    group_id, 2, sum(attributed_cents_2), sum(cents_2),
    count(*) FILTER (is_served_as_attributed_2), count(*) FILTER (is_served_2)
FROM people WHERE is_eligible_2 GROUP BY group_id
UNION ALL
SELECT
    group_id, 3, sum(attributed_cents_3), sum(cents_3),
    count(*) FILTER (is_served_as_attributed_3), count(*) FILTER (is_served_3)
FROM people WHERE is_eligible_3 GROUP BY group_id;
