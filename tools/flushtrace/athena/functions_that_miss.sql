-- Which functions miss flushes, how often, and how many lines does it concern?
SELECT faas.name AS function_name,
       count(*) AS invocations,
       count_if(flushtrace.missed) AS missed,
       round(100.0 * count_if(flushtrace.missed) / count(*), 2)
         AS missed_percent,
       sum(CASE WHEN flushtrace.missed
             THEN flushtrace.lines.lost + flushtrace.lines.delayed
               + flushtrace.lines.rejected
             ELSE 0 END) AS lines
FROM flushtrace_events
WHERE flushtrace.kind = 'invoke'
  AND day >= date_format(current_date - INTERVAL '7' DAY, '%Y-%m-%d')
GROUP BY 1
HAVING count_if(flushtrace.missed) > 0
ORDER BY missed_percent DESC, lines DESC
LIMIT 50;
