// model.js: the page's data, unpacked: columns of records, who caused whom, the
// causal cone of a record, and which event a record belongs to.
'use strict';

async function read_data() {
  const text = document.getElementById('data').textContent.trim();
  const packed = Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
  const unpacked = new Blob([packed]).stream()
    .pipeThrough(new DecompressionStream('gzip'));
  return JSON.parse(await new Response(unpacked).text());
}

function summed(differences) {
  const sums = new Float64Array(differences.length);
  let sum = 0;
  differences.forEach((x, i) => { sums[i] = sum += x; });
  return sums;
}

// Lists of children, as one array and where each list begins in it.
function children_of(causes) {
  const begin = new Uint32Array(causes.length + 2);
  for (const cause of causes)
    if (cause >= 0)
      ++begin[cause + 2];
  for (let i = 2; i < begin.length; ++i)
    begin[i] += begin[i - 1];
  const all = new Uint32Array(begin[begin.length - 1]);
  causes.forEach((cause, i) => {
    if (cause >= 0)
      all[begin[cause + 1]++] = i;
  });
  return (i) => all.subarray(begin[i], begin[i + 1]);
}

function make_model(data) {
  const from = data.records;
  const count = from.sequence.length;
  const causes = Int32Array.from(from.cause, (x, i) => (x > 0 ? i - x : -1));
  const model = {
    data,
    count,
    sequence: summed(from.sequence),
    time: summed(from.time),
    lane: from.lane,
    sender: from.sender,
    causes,
    children: children_of(causes),
    kind: (i) => from.words[from.kind[i]],
    type: (i) => from.words[from.type[i]],
    fields: (i) => from.texts[from.fields[i]],
    actor: (i) => from.words[from.actor[i]],
    is_urgent: (i) => (from.flags[i] & 1) !== 0,
    is_cause_derived: (i) => (from.flags[i] & 2) !== 0,
    is_cause_elsewhere: (i) => (from.flags[i] & 4) !== 0,
    handled: new Int32Array(count).fill(-1),
    event_of: new Int32Array(count).fill(-1),
  };
  // Where a record's mark is: what is sent is at its sender's. How it looks.
  model.place = from.lane.map((lane, i) =>
    (model.kind(i) === 'enqueued' ? from.sender[i] : lane));
  const look_of_word = from.words.map((kind) => looks.indexOf(mark_class(kind)));
  model.look = from.kind.map((word) => look_of_word[word]);
  // A damaged trace's clock may run back; a place on the axis must not.
  for (let i = 1; i < count; ++i)
    model.time[i] = Math.max(model.time[i], model.time[i - 1]);
  for (let i = 0; i < count; ++i)
    if (model.kind(i) === 'handled' && causes[i] >= 0)
      model.handled[causes[i]] = i;
  data.events.forEach((event, at) => {
    event.at = at;
    for (let i = event.first; i <= event.last; ++i)
      model.event_of[i] = at;
  });
  return model;
}

// What a record is called in the picture: a turn by the message it handles.
function name_of(model, i) {
  const kind = model.kind(i);
  if (kind === 'handled')
    return model.causes[i] >= 0 ? model.type(model.causes[i]) || kind : kind;
  return kind === 'enqueued' ? model.type(i) : kind;
}

function what_of(model, i) {
  const type = model.type(i);
  const fields = model.fields(i);
  if (model.kind(i) === 'enqueued')
    return `${type}(${fields})`;
  return fields;
}

function ancestors_of(model, i) {
  const found = [];
  for (let at = model.causes[i]; at >= 0; at = model.causes[at])
    found.push(at);
  return found;
}

function descendants_of(model, i) {
  const found = [];
  const waiting = [i];
  while (waiting.length > 0)
    for (const child of model.children(waiting.pop())) {
      found.push(child);
      waiting.push(child);
    }
  return found;
}

const duration_units = [[1e9, 's'], [1e6, 'ms'], [1e3, 'µs'], [1, 'ns']];

// Three digits that count, or more.
function duration_text(ns, more = 0) {
  const size = Math.abs(ns);
  const [unit, name] = duration_units.find(([x]) => size >= x) || [1, 'ns'];
  const value = ns / unit;
  const digits = more + (size / unit < 10 ? 2 : size / unit < 100 ? 1 : 0);
  return `${parseFloat(value.toFixed(digits))} ${name}`;
}

function bytes_text(bytes) {
  if (bytes < 1024)
    return `${bytes} B`;
  return bytes < 1048576 ? `${(bytes / 1024).toFixed(1)} KiB`
    : `${(bytes / 1048576).toFixed(1)} MiB`;
}

function lines_text(count) {
  return count === 1 ? '1 line' : `${count} lines`;
}
