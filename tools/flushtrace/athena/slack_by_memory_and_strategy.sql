-- How close to the deadline do invocations end, by memory size and strategy?
SELECT flushtrace.memory_mb AS memory_mb,
       flushtrace.strategy AS strategy,
       count(*) AS invocations,
       min(flushtrace.slack_ms) AS least,
       approx_percentile(flushtrace.slack_ms, 0.01) AS p1,
       approx_percentile(flushtrace.slack_ms, 0.10) AS p10,
       approx_percentile(flushtrace.slack_ms, 0.50) AS median,
       approx_percentile(flushtrace.held_ms, 0.99) AS held_p99
FROM flushtrace_events
WHERE flushtrace.kind = 'invoke'
  AND flushtrace.slack_ms IS NOT NULL
  AND day >= date_format(current_date - INTERVAL '7' DAY, '%Y-%m-%d')
GROUP BY 1, 2
ORDER BY 1, 2;
