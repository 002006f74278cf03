-- Which signal ends invocations, hour by hour? Many deadlines mean that agents
-- do not flush, or that the platform's word comes late.
SELECT date_trunc('hour', from_iso8601_timestamp("timestamp")) AS hour,
       coalesce(flushtrace.winner, 'none') AS winner,
       count(*) AS invocations
FROM flushtrace_events
WHERE flushtrace.kind = 'invoke'
  AND day >= date_format(current_date - INTERVAL '7' DAY, '%Y-%m-%d')
GROUP BY 1, 2
ORDER BY 1, 2;
