-- Which causes lose or delay most lines?
SELECT coalesce(flushtrace.cause, 'unknown') AS cause,
       sum(flushtrace.lines.lost + flushtrace.lines.delayed
           + flushtrace.lines.rejected) AS lines,
       count(*) AS events,
       count(DISTINCT faas.name) AS functions
FROM flushtrace_events
WHERE flushtrace.missed
  AND day >= date_format(current_date - INTERVAL '7' DAY, '%Y-%m-%d')
GROUP BY 1
ORDER BY lines DESC
LIMIT 20;
