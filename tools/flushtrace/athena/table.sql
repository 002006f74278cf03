-- Documents of `flushtrace export --format ecs` in S3: one object or many, NDJSON,
-- compressed or not, under one folder a day. Put your bucket in.
CREATE EXTERNAL TABLE IF NOT EXISTS flushtrace_events (
  `timestamp` string,
  message string,
  cloud struct<provider:string, region:string, service:struct<name:string>>,
  faas struct<name:string, id:string, execution:string, coldstart:boolean>,
  service struct<name:string>,
  process struct<pid:bigint>,
  event struct<kind:string, category:array<string>, type:array<string>,
    module:string, dataset:string, action:string, outcome:string,
    sequence:bigint, start:string, `end`:string, duration:bigint>,
  flushtrace struct<version:string, process_started:string, event:bigint,
    kind:string, strategy:string, memory_mb:bigint,
    verdict:array<string>, missed:boolean, winner:string,
    signals:array<string>, slack_ms:double, held_ms:double,
    cause:string, causes:array<string>, remedy:string, explanation:string,
    evidence:array<bigint>,
    lines:struct<received:bigint, accepted:bigint, dropped:bigint,
      held:bigint, lost:bigint, delayed:bigint, rejected:bigint>,
    dropped:struct<rejected:bigint, buffer_full:bigint, ambiguous:bigint,
      no_server:bigint, duplicate:bigint, spill_lost:bigint, killed:bigint>,
    flush:struct<lines:bigint, bytes:bigint, ended:string>,
    requests:struct<count:bigint, failed:bigint, longest_ms:double,
      failures:array<string>>,
    record:struct<number:bigint, cause:bigint, time_ns:bigint, actor:string,
      lane:string, kind:string, type:string, fields:string>>
)
PARTITIONED BY (day string)
ROW FORMAT SERDE 'org.openx.data.jsonserde.JsonSerDe'
WITH SERDEPROPERTIES (
  'mapping.timestamp' = '@timestamp',
  'ignore.malformed.json' = 'true'
)
LOCATION 's3://BUCKET/flushtrace/'
TBLPROPERTIES (
  'projection.enabled' = 'true',
  'projection.day.type' = 'date',
  'projection.day.format' = 'yyyy-MM-dd',
  'projection.day.range' = '2024-01-01,NOW',
  'storage.location.template' = 's3://BUCKET/flushtrace/day=${day}/'
);
