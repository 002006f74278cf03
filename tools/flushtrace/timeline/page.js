// page.js: what is looked at, and how pointer, keys and buttons change it.
'use strict';

const timeline = globalThis.timeline = {models: [], model: null, chart: null, scales: null,
  view: {has_ports: true, is_true: false, selected: -1, hovered: -1, from: 0,
    to: 1}, event: 0, found: [], query: ''};

// The least that is seen at once, in units of the scale's whole.
const units_min = 6;

function redraw() {
  if (timeline.is_drawing)
    return;
  timeline.is_drawing = true;
  requestAnimationFrame(() => {
    timeline.is_drawing = false;
    timeline.chart.draw(timeline.view);
  });
}

function use_scale() {
  const {model, view} = timeline;
  view.cuts = find_cuts(model);
  view.scale = make_scale(model, view.cuts, view.is_true);
}

function look_at(from, to) {
  const {view} = timeline;
  const {end} = view.scale;
  const least = view.is_true ? end / 1e7 + 1 : units_min;
  const size = Math.max(least, Math.min(to - from, end * 1.08 + least));
  const middle = (from + to) / 2;
  view.from = Math.max(-0.04 * size,
    Math.min(middle - size / 2, end + 0.04 * size - size));
  view.to = view.from + size;
  redraw();
}

function fit_event(event) {
  const {view, chart} = timeline;
  const {scale} = view;
  const begin = scale.at[event.first];
  const end = scale.at[Math.min(event.last, (event.end ?? event.last) + 1)];
  const margin = view.is_true ? (end - begin) * 0.015
    : Math.min((end - begin) * 0.02, 4);
  // On a small screen marks would lie on each other: begin at its beginning.
  const width = chart.host.clientWidth;
  const most = view.is_true || width >= narrow_width ? Infinity : width / 5;
  look_at(begin - margin,
    begin - margin + Math.min(end - begin + 2 * margin, most));
}

function choose_event(at) {
  const {events} = timeline.model.data;
  if (events.length === 0)
    return;
  timeline.event = Math.max(0, Math.min(at, events.length - 1));
  const event = events[timeline.event];
  draw_story(timeline.model, event);
  draw_causes(timeline.model, event, go_to);
  mark_in_strip(timeline.models.indexOf(timeline.model), timeline.event);
  const row = document.querySelector(`#events tr[data-process="${
    timeline.models.indexOf(timeline.model)}"][data-event="${event.event}"]`);
  if (row)
    row.classList.add('current');
  select(-1);
  fit_event(event);
  remember(`event=${event.event}`);
}

// So that a link can say what it means.
function remember(what) {
  const process = timeline.models.indexOf(timeline.model);
  history.replaceState(null, '', `#process=${process}&${what}`);
}

function choose_process(at) {
  timeline.model = timeline.models[at];
  timeline.view.selected = timeline.view.hovered = -1;
  timeline.chart = new chart(by_id('chart'), timeline.model);
  listen_to_chart();
  use_scale();
}

function choose_of_all(process, at) {
  if (timeline.models[process] !== timeline.model)
    choose_process(process);
  choose_event(at);
}

function select(i) {
  const {view, model} = timeline;
  view.selected = i;
  view.hovered = -1;
  show_tip(model, -1);
  show_details(model, i, go_to);
  if (i >= 0)
    remember(`record=${model.sequence[i]}`);
  redraw();
}

// Selects a record and brings it into sight.
function go_to(i) {
  const {view, model} = timeline;
  const event = model.event_of[i];
  if (event >= 0 && event !== timeline.event)
    choose_event(event);
  select(i);
  const place = view.scale.at[i];
  const size = view.to - view.from;
  if (place < view.from + size * 0.05 || place > view.to - size * 0.05)
    look_at(place - size / 2, place + size / 2);
}

function zoom(factor, around) {
  const {view} = timeline;
  const place = around ?? (view.selected >= 0
    ? view.scale.at[view.selected] : (view.from + view.to) / 2);
  look_at(place - (place - view.from) * factor,
    place + (view.to - place) * factor);
}

function move(share) {
  const size = timeline.view.to - timeline.view.from;
  look_at(timeline.view.from + share * size, timeline.view.to + share * size);
}

function to_missed(step) {
  const {events} = timeline.model.data;
  for (let at = timeline.event + step; at >= 0 && at < events.length; at += step)
    if (events[at].is_missed)
      return choose_event(at);
  const others = timeline.models.length;
  for (let n = 1; n < others; ++n) {
    const at = timeline.models.indexOf(timeline.model) + n * step;
    const next = timeline.models[at];
    const found = next ? next.data.events.filter((x) => x.is_missed) : [];
    if (found.length > 0) {
      choose_process(at);
      return choose_event(found[step > 0 ? 0 : found.length - 1].at);
    }
  }
  return undefined;
}

function to_event(step) {
  const at = timeline.event + step;
  const process = timeline.models.indexOf(timeline.model) + step;
  if (at >= 0 && at < timeline.model.data.events.length)
    return choose_event(at);
  if (!timeline.models[process])
    return undefined;
  choose_process(process);
  return choose_event(step > 0 ? 0 : timeline.model.data.events.length - 1);
}

function to_record(step) {
  const {view, model} = timeline;
  const event = model.data.events[timeline.event];
  let i = view.selected;
  if (i < 0)
    i = (step > 0 ? event.first : event.last) - step;
  for (i += step; i >= 0 && i < model.count; i += step) {
    if (timeline.chart.is_lane_shown(model.place[i]))
      return go_to(i);
  }
  return undefined;
}

function to_relative(i) {
  if (i !== undefined && i >= 0)
    go_to(i);
}

// What the address asks for, else the first missed flush, else the first event.
function choose_first() {
  const asked = new URLSearchParams(location.hash.slice(1));
  const process = Number(asked.get('process'));
  const missed = timeline.models.findIndex(
    (x) => x.data.events.some((event) => event.is_missed));
  choose_process(timeline.models[process] && asked.has('process') ? process
    : Math.max(missed, 0));
  const {model} = timeline;
  const record = model.sequence.indexOf(Number(asked.get('record')));
  const event = model.data.events.findIndex(
    (x) => x.event === Number(asked.get('event')));
  if (event < 0 && record < 0 && model.data.events.length === 0)
    return fit_whole();
  choose_event(event >= 0 ? event : record >= 0 ? model.event_of[record]
    : Math.max(0, model.data.events.findIndex((x) => x.is_missed)));
  if (record >= 0)
    go_to(record);
  return undefined;
}

function fit_whole() {
  by_id('causes').replaceChildren();
  by_id('title').textContent = 'No event in this trace';
  by_id('said').textContent = 'It begins and ends outside of any event.';
  select(-1);
  look_at(0, timeline.view.scale.end);
}

async function begin() {
  document.documentElement.classList.add('live');
  try {
    const data = await read_data();
    timeline.models = data.map(make_model);
    draw_strip(timeline.models, choose_of_all);
    choose_first();
    listen();
  } catch (trouble) {
    document.documentElement.classList.remove('live');
    document.querySelector('.still').textContent =
      `The picture cannot be drawn here (${trouble.message}). `
      + 'The tables below have the same events.';
    throw trouble;
  }
  // Since it was opened. *Units:* ms.
  document.documentElement.dataset.ready = Math.round(performance.now());
}

begin();
