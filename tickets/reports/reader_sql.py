"""What the comparison of two models asks of the database. Each takes reader, since, model and version."""

LANGUAGE = "CASE WHEN s.language IN ('ar', 'en') THEN s.language ELSE 'other' END"
# Readings of the window beside answers of the model now in charge.
COMPARED = """
    s.reader_id = %(reader)s AND s.at >= %(since)s AND s.error = ''
    AND s.live_model = %(model)s AND s.live_version = %(version)s
"""

# language (null: all), read, failed, seconds, then pairs of live and shadow: confidence of tone and of follow-up,
# share shown to a person.
FIGURES = f"""
WITH s AS (
    SELECT {LANGUAGE} AS lang, ({COMPARED}) AS compared, s.* FROM ingest_shadowreading s
     WHERE s.reader_id = %(reader)s AND s.at >= %(since)s
)
SELECT lang,
       count(*) FILTER (WHERE compared),
       count(*) FILTER (WHERE error <> ''),
       sum(seconds) FILTER (WHERE compared),
       avg(greatest(live_negative, live_neutral, live_positive)) FILTER (WHERE compared),
       avg(greatest(negative, neutral, positive)) FILTER (WHERE compared),
       avg(greatest(live_follow_up, 1 - live_follow_up)) FILTER (WHERE compared),
       avg(greatest(follow_up, 1 - follow_up)) FILTER (WHERE compared),
       avg(live_needs_person::int) FILTER (WHERE compared)::float8,
       avg(needs_person::int) FILTER (WHERE compared)::float8
  FROM s GROUP BY GROUPING SETS ((lang), ())
"""  # noqa: S608  (our own words)

# language, label, live answer, shadow's answer, count. The many rows are first folded into the few combinations there
# are. Nothing is compared where one of the two says nothing; of trigger and aim, where either names one.
AGREEMENT = f"""
WITH folded AS (
    SELECT {LANGUAGE} AS lang, s.live_threshold IS NOT NULL AND s.threshold IS NOT NULL AS care,
           s.live_sentiment, s.sentiment, s.live_needs_person, s.needs_person, s.live_reasons, s.reasons,
           s.live_urgency, s.urgency, s.live_trigger, s.trigger, s.live_aim, s.aim, count(*) AS n
      FROM ingest_shadowreading s WHERE {COMPARED}
     GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14
)
SELECT f.lang, v.label, v.live, v.shadow, sum(f.n)::bigint
  FROM folded f CROSS JOIN LATERAL (VALUES
       ('sentiment', NULLIF(f.live_sentiment, ''), NULLIF(f.sentiment, '')),
       ('follow_up', f.live_needs_person::text, f.needs_person::text),
       ('reasons', array_to_string(f.live_reasons, ' '), array_to_string(f.reasons, ' ')),
       ('urgency', NULLIF(f.live_urgency, ''), NULLIF(f.urgency, '')),
       ('trigger', CASE WHEN f.care AND f.live_trigger || f.trigger <> '' THEN f.live_trigger END, f.trigger),
       ('aim', CASE WHEN f.care AND f.live_aim || f.aim <> '' THEN f.live_aim END, f.aim)
       ) AS v (label, live, shadow)
 WHERE v.live IS NOT NULL AND v.shadow IS NOT NULL
 GROUP BY 1, 2, 3, 4
"""  # noqa: S608  (our own words)

# The last word of a person on each label, beside what the two had said and how likely each had held that word.
JUDGED = f"""
WITH said AS (
    SELECT DISTINCT ON (c.message_id, c.label) c.message_id, c.label,
           CASE jsonb_typeof(c.new) WHEN 'array' THEN ARRAY(SELECT jsonb_array_elements_text(c.new)) END AS names,
           c.new #>> '{{}}' AS word
      FROM ingest_correction c WHERE c.at >= %(since)s
     ORDER BY c.message_id, c.label, c.id DESC
), judged AS (
    SELECT said.label, s.*,
           CASE said.label WHEN 'reasons' THEN array_to_string(said.names, ' ') ELSE said.word END AS truth,
           CASE said.label WHEN 'sentiment' THEN s.live_sentiment
                WHEN 'follow_up' THEN CASE s.live_needs_person WHEN true THEN 'yes' WHEN false THEN 'no' END
                WHEN 'reasons' THEN array_to_string(s.live_reasons, ' ') WHEN 'urgency' THEN s.live_urgency
                WHEN 'trigger' THEN s.live_trigger ELSE s.live_aim END AS live_said,
           CASE said.label WHEN 'sentiment' THEN s.sentiment
                WHEN 'follow_up' THEN CASE s.needs_person WHEN true THEN 'yes' WHEN false THEN 'no' END
                WHEN 'reasons' THEN array_to_string(s.reasons, ' ') WHEN 'urgency' THEN s.urgency
                WHEN 'trigger' THEN s.trigger ELSE s.aim END AS shadow_said,
           CASE said.label || ' ' || said.word
                WHEN 'sentiment negative' THEN s.live_negative WHEN 'sentiment neutral' THEN s.live_neutral
                WHEN 'sentiment positive' THEN s.live_positive WHEN 'follow_up yes' THEN s.live_follow_up
                WHEN 'follow_up no' THEN 1 - s.live_follow_up END AS live_p,
           CASE said.label || ' ' || said.word
                WHEN 'sentiment negative' THEN s.negative WHEN 'sentiment neutral' THEN s.neutral
                WHEN 'sentiment positive' THEN s.positive WHEN 'follow_up yes' THEN s.follow_up
                WHEN 'follow_up no' THEN 1 - s.follow_up END AS shadow_p
      FROM said JOIN ingest_shadowreading s ON s.message_id = said.message_id AND {COMPARED}
)
"""  # noqa: S608  (our own words)

# label, corrected, live right, shadow right, live nearer, shadow nearer. Nearer is who held a person's word likelier
# where both give probabilities, else who said it.
NEARNESS = f"""{JUDGED}
, placed AS (
    SELECT label, truth, live_said, shadow_said, live_p IS NOT NULL AND shadow_p IS NOT NULL AS by_p, live_p, shadow_p
      FROM judged
)
SELECT label, count(*), count(*) FILTER (WHERE live_said = truth), count(*) FILTER (WHERE shadow_said = truth),
       count(*) FILTER (WHERE CASE WHEN by_p THEN live_p > shadow_p
                                   ELSE live_said = truth AND shadow_said IS DISTINCT FROM truth END),
       count(*) FILTER (WHERE CASE WHEN by_p THEN shadow_p > live_p
                                   ELSE shadow_said = truth AND live_said IS DISTINCT FROM truth END)
  FROM placed GROUP BY label
"""  # noqa: S608  (our own words)

# side, label, tenth, count, mean probability, share that came true.
CALIBRATION = f"""{JUDGED}
SELECT v.side, j.label, least(floor(v.p * 10), 9)::int, count(*), avg(v.p), avg(v.came_true::int)::float8
  FROM judged j CROSS JOIN LATERAL (VALUES
       ('live', CASE j.label WHEN 'follow_up' THEN j.live_follow_up
                             ELSE greatest(j.live_negative, j.live_neutral, j.live_positive) END,
        CASE j.label WHEN 'follow_up' THEN j.truth = 'yes' ELSE j.live_said = j.truth END),
       ('shadow', CASE j.label WHEN 'follow_up' THEN j.follow_up
                               ELSE greatest(j.negative, j.neutral, j.positive) END,
        CASE j.label WHEN 'follow_up' THEN j.truth = 'yes' ELSE j.shadow_said = j.truth END)
       ) AS v (side, p, came_true)
 WHERE j.label IN ('sentiment', 'follow_up') AND v.p IS NOT NULL
 GROUP BY 1, 2, 3
"""  # noqa: S608  (our own words)
