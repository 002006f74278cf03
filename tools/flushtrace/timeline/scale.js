// scale.js: where a time stands on the axis. Two scales: one gives room where
// much happens, the other is true to time. Both cut out what passes between
// event/next asked and answered, when the sandbox may be frozen.
'use strict';

// In units of the roomy scale, about the distance of two records.
const room = {same_turn: 0.7, least: 1, decade: 1.2, cut: 15};

// Where the process waits for its next event: the longest pause meanwhile.
function find_cuts(model) {
  const cuts = [];
  for (const x of model.data.requests) {
    if (!x.is_next)
      continue;
    const end = x.answered < 0 ? model.count - 1 : x.answered;
    let before = -1;
    let longest = 0;
    for (let i = x.asked; i < end; ++i) {
      const pause = model.time[i + 1] - model.time[i];
      if (pause > longest) {
        longest = pause;
        before = i;
      }
    }
    if (before >= 0)
      cuts.push({before, ns: longest, waited: model.time[end] - model.time[x.asked],
        is_answered: x.answered >= 0});
  }
  // An event's work ends on the axis at the pause after it.
  const {events} = model.data;
  events.forEach((x) => { x.end = x.last; });
  for (const cut of cuts) {
    const event = events[model.event_of[cut.before]];
    if (event)
      event.end = Math.min(event.end, cut.before);
  }
  return cuts;
}

function median(numbers) {
  const sorted = [...numbers].sort((x, y) => x - y);
  return sorted.length === 0 ? 1 : sorted[sorted.length >> 1];
}

function make_scale(model, cuts, is_true) {
  const {time, count} = model;
  const at = new Float64Array(count);
  const is_cut = new Uint8Array(count);
  cuts.forEach((x) => { is_cut[x.before] = 1; });
  const spans = model.data.events.map((x) => {
    let ns = 0;
    for (let i = x.first; i < x.last; ++i)
      ns += is_cut[i] ? 0 : time[i + 1] - time[i];
    return ns;
  });
  const cut = is_true ? Math.max(1, median(spans) * 0.12) : room.cut;
  for (let i = 1; i < count; ++i) {
    const pause = time[i] - time[i - 1];
    let distance = pause;
    if (is_cut[i - 1])
      distance = cut;
    else if (!is_true)
      distance = pause <= 0 ? room.same_turn
        : room.least + room.decade * Math.log10(1 + pause / 1e4);
    at[i] = at[i - 1] + distance;
  }
  return {
    at,
    is_true,
    end: count > 0 ? at[count - 1] : 0,
    // The first record at or after a place.
    record_at: (place) => lower_bound(at, place),
    place_of_time: (ns) => place_of_time(time, at, ns),
  };
}

function lower_bound(sorted, wanted) {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle] < wanted)
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

function place_of_time(time, at, ns) {
  const i = lower_bound(time, ns);
  if (i === 0 || i === time.length)
    return i === 0 ? (at[0] || 0) : at[time.length - 1];
  const pause = time[i] - time[i - 1];
  const share = pause > 0 ? (ns - time[i - 1]) / pause : 1;
  return at[i - 1] + share * (at[i] - at[i - 1]);
}

// 1, 2 or 5 times a power of ten, at least so much.
function nice_step(least) {
  const power = 10 ** Math.floor(Math.log10(Math.max(least, 1)));
  return [1, 2, 5, 10].map((x) => x * power).find((x) => x >= least);
}
