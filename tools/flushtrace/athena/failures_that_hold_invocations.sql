-- What did the APM Server answer where it held invocations longest?
SELECT failure,
       coalesce(flushtrace.flush.ended, 'no flush') AS ended,
       count(*) AS events,
       sum(flushtrace.held_ms) AS held_ms,
       approx_percentile(flushtrace.held_ms, 0.95) AS held_p95_ms,
       max(flushtrace.requests.longest_ms) AS longest_ms
FROM flushtrace_events
CROSS JOIN UNNEST(flushtrace.requests.failures) AS f (failure)
WHERE flushtrace.requests.failed > 0
  AND day >= date_format(current_date - INTERVAL '7' DAY, '%Y-%m-%d')
GROUP BY 1, 2
ORDER BY held_ms DESC
LIMIT 20;
