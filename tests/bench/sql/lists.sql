-- What depends on no claim: the law of performance year 2025, the entities that count, the groups and their TIN/NPI pairs.
-- Given: the views given_participants, given_entities, em_ranges and not_covered_ranges.

-- Run-out is 60 days; service dates go from Jan 1 to last_day.
CREATE TEMP TABLE snapshots AS
SELECT * FROM (VALUES
    (1, DATE '2025-03-31', DATE '2025-05-30', 3),
    (2, DATE '2025-06-30', DATE '2025-08-29', 6),
    (3, DATE '2025-08-31', DATE '2025-10-30', 8)
) AS s(snapshot, last_day, processed_by, month_count);

-- Codes in force all through the period; a range counts its digits up and keeps its letters.
CREATE TEMP TABLE codes AS
WITH ranges AS (
    SELECT 'em' AS code_list, * FROM em_ranges
    UNION ALL BY NAME
    SELECT 'not_covered' AS code_list, * FROM not_covered_ranges
), spelled AS (
    SELECT
        code_list,
        regexp_extract(code_from, '^[A-Z]*') AS before,
        regexp_extract(code_from, '[A-Z]*$') AS after,
        length(regexp_extract(code_from, '[0-9]+'))::INTEGER AS width,
        unnest(range(
            regexp_extract(code_from, '[0-9]+')::INTEGER,
            regexp_extract(code_to, '[0-9]+')::INTEGER + 1
        )) AS number
    FROM ranges
    WHERE first_date <= DATE '2025-01-01' AND coalesce(last_date, DATE '9999-12-31') >= DATE '2025-08-31'
)
SELECT
    before || lpad(number::VARCHAR, width, '0') || after AS hcpcs,
    bool_or(code_list = 'em') AS is_em,
    bool_or(code_list = 'not_covered') AS is_not_covered
FROM spelled
GROUP BY 1;

CREATE TEMP TABLE participants AS
SELECT
    apm_entity_id, tin, npi,
    coalesce(list_type, 'participation') AS list_type,
    coalesce(start_date, DATE '0001-01-01') AS start_date,
    coalesce(end_date, DATE '9999-12-31') AS end_date
FROM given_participants;

-- One row per entity: its list, its window and the first snapshot at which it was tested for 60 days.
CREATE TEMP TABLE entities AS
WITH listed AS (
    SELECT apm_entity_id, bool_or(list_type = 'participation') AS has_participation_list
    FROM participants
    WHERE start_date <= DATE '2025-12-31' AND end_date >= DATE '2025-01-01'
    GROUP BY 1
), windows AS (
    SELECT
        *,
        greatest(coalesce(active_from, DATE '2025-01-01'), DATE '2025-01-01') AS first_day,
        least(coalesce(active_to, DATE '2025-08-31'), DATE '2025-08-31') AS last_day
    FROM given_entities JOIN listed USING (apm_entity_id)
)
SELECT
    apm_entity_id, first_day, last_day, is_episode_based, removes_prospective_elsewhere,
    CASE WHEN has_participation_list THEN 'participation' ELSE 'affiliated' END AS list_type,
    terminated_on IS NOT NULL AND (terminated_on < DATE '2025-08-31' OR NOT bears_risk) AS is_terminated,
    (
        SELECT min(s.snapshot) FROM snapshots s
        WHERE is_advanced AND date_diff('day', first_day, least(w.last_day, s.last_day)) + 1 >= 60
    ) AS tested_from_snapshot
FROM windows w;

-- One row per entity, TIN and NPI: from which snapshot on it is in the group. Leavers stay in.
CREATE TEMP TABLE members AS
SELECT
    p.apm_entity_id, p.tin, p.npi,
    greatest(min(s.snapshot), any_value(e.tested_from_snapshot)) AS from_snapshot
FROM participants p
JOIN entities e USING (apm_entity_id, list_type)
JOIN snapshots s ON s.last_day BETWEEN p.start_date AND p.end_date
WHERE e.tested_from_snapshot IS NOT NULL
GROUP BY ALL;

-- The groups: an entity's, an Affiliated Practitioner's, and that of a clinician of several entities (snapshot 3 only).
-- One row per group, TIN, NPI and entity that it stands on.
CREATE TEMP TABLE group_members AS
SELECT
    CASE list_type WHEN 'participation' THEN 'apm_entity' ELSE 'affiliated_practitioner' END AS level,
    apm_entity_id AS group_entity_id,
    CASE list_type WHEN 'affiliated' THEN npi END AS group_npi,
    apm_entity_id, tin, npi, from_snapshot, first_day, last_day
FROM members JOIN entities USING (apm_entity_id)
WHERE NOT is_terminated
UNION ALL
SELECT
    'individual', NULL, npi, apm_entity_id, tin, npi, 3, DATE '2025-01-01', DATE '2025-08-31'
FROM members JOIN entities USING (apm_entity_id)
WHERE list_type = 'participation' AND NOT is_terminated AND npi IN (
    SELECT npi FROM members JOIN entities USING (apm_entity_id)
    WHERE list_type = 'participation'
    GROUP BY npi HAVING count(DISTINCT apm_entity_id) >= 2
);

CREATE TEMP TABLE groups AS
SELECT
    row_number() OVER ()::INTEGER AS group_id,
    level, group_entity_id, group_npi,
    min(from_snapshot) AS from_snapshot,
    bool_or(is_episode_based) AS has_episodes
FROM group_members JOIN entities USING (apm_entity_id)
GROUP BY level, group_entity_id, group_npi;

CREATE TEMP TABLE group_entities AS
SELECT DISTINCT group_id, apm_entity_id, is_episode_based, removes_prospective_elsewhere
FROM groups
JOIN group_members m USING (level)
JOIN entities USING (apm_entity_id)
WHERE m.group_entity_id IS NOT DISTINCT FROM groups.group_entity_id
  AND m.group_npi IS NOT DISTINCT FROM groups.group_npi;

-- Which lines are whose. Institutional lines without a TIN (here '') go by their NPI.
CREATE TEMP TABLE pairs AS
WITH keyed AS (
    SELECT group_id, has_episodes, m.*
    FROM groups
    JOIN group_members m USING (level)
    WHERE m.group_entity_id IS NOT DISTINCT FROM groups.group_entity_id
      AND m.group_npi IS NOT DISTINCT FROM groups.group_npi
)
SELECT
    group_id, npi, under.tin,
    min(from_snapshot)::TINYINT AS from_snapshot,
    any_value(first_day) AS first_day, any_value(last_day) AS last_day, any_value(has_episodes) AS has_episodes
FROM keyed, LATERAL (VALUES (keyed.tin), ('')) AS under(tin)
GROUP BY group_id, npi, under.tin;

CREATE TEMP MACRO net_cents(paid, withheld, excluded) AS
    ((paid::DECIMAL(12, 2) + withheld::DECIMAL(12, 2) - excluded::DECIMAL(12, 2)) * 100)::BIGINT;

-- Months as bits, January the lowest: those whose first day a span covers.
CREATE TEMP MACRO months_until(day) AS
    (1 << greatest(0, least(8, (year(day) - 2025) * 12 + month(day)))::INTEGER) - 1;
CREATE TEMP MACRO months_between(first_day, last_day) AS
    months_until(last_day) & ~months_until((first_day - INTERVAL 1 DAY)::DATE);

CREATE TEMP TABLE attribution AS
SELECT
    apm_entity_id, bene_id, coalesce(is_prospective, FALSE) AS is_prospective,
    coalesce(start_date, DATE '0001-01-01') AS start_date, coalesce(end_date, DATE '9999-12-31') AS end_date,
    episode_start_date, episode_end_date
FROM given_attribution;
