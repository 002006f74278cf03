// input.js: what keys, buttons, pointer and search do.
'use strict';

function toggle_theme() {
  const root = document.documentElement;
  const is_dark = root.dataset.theme ? root.dataset.theme === 'dark'
    : matchMedia('(prefers-color-scheme: dark)').matches;
  root.dataset.theme = is_dark ? 'light' : 'dark';
}

function press(id, is_pressed) {
  by_id(id).setAttribute('aria-pressed', is_pressed);
}

function toggle_scale() {
  const {view} = timeline;
  view.is_true = !view.is_true;
  press('scale', view.is_true);
  use_scale();
  fit_event(timeline.model.data.events[timeline.event]
    || {first: 0, last: timeline.model.count - 1});
}

function toggle_ports() {
  timeline.view.has_ports = !timeline.view.has_ports;
  press('ports', timeline.view.has_ports);
  redraw();
}

function search(query, step) {
  const {model} = timeline;
  const wanted = query.trim().toLowerCase();
  if (wanted !== timeline.query) {
    timeline.query = wanted;
    timeline.found = [];
    for (let i = 0; wanted && i < model.count; ++i) {
      const text = `${model.sequence[i]} ${model.kind(i)} ${model.actor(i)} ${
        what_of(model, i)}`;
      if (text.toLowerCase().includes(wanted))
        timeline.found.push(i);
    }
    timeline.found_at = -1;
  }
  const {found} = timeline;
  if (found.length > 0 && step !== 0)
    timeline.found_at = (timeline.found_at + step + found.length) % found.length;
  if (found.length > 0 && timeline.found_at >= 0)
    go_to(found[timeline.found_at]);
  by_id('found').value = wanted === '' ? '' : timeline.found_at < 0
    ? String(found.length) : `${timeline.found_at + 1} of ${found.length}`;
}

const actions = {
  next_missed: () => to_missed(1),
  previous_missed: () => to_missed(-1),
  next_event: () => to_event(1),
  previous_event: () => to_event(-1),
  next_record: () => to_record(1),
  previous_record: () => to_record(-1),
  cause: () => to_relative(timeline.model.causes[timeline.view.selected]),
  effect: () => timeline.view.selected >= 0
    && to_relative(timeline.model.children(timeline.view.selected)[0]),
  zoom_in: () => zoom(0.6),
  zoom_out: () => zoom(1 / 0.6),
  left: () => move(-0.25),
  right: () => move(0.25),
  fit: () => fit_event(timeline.model.data.events[timeline.event]
    || {first: 0, last: timeline.model.count - 1}),
  fit_all: () => look_at(0, timeline.view.scale.end),
  scale: toggle_scale,
  ports: toggle_ports,
  theme: toggle_theme,
  search: () => by_id('search').focus(),
  help: () => by_id('keys').showModal(),
  nothing: () => select(-1),
};

const keys = {n: 'next_missed', N: 'previous_missed', j: 'next_event',
  k: 'previous_event', ArrowRight: 'next_record', ArrowLeft: 'previous_record',
  ArrowUp: 'cause', ArrowDown: 'effect', '+': 'zoom_in', '=': 'zoom_in',
  '-': 'zoom_out', h: 'left', l: 'right', f: 'fit', 0: 'fit', a: 'fit_all',
  s: 'scale', p: 'ports', t: 'theme', '/': 'search', '?': 'help',
  Escape: 'nothing'};

function on_key(event) {
  const is_typing = event.target.matches('input, textarea, select');
  if (event.ctrlKey || event.metaKey || event.altKey || by_id('keys').open)
    return;
  if (is_typing) {
    if (event.key === 'Enter')
      search(event.target.value, event.shiftKey ? -1 : 1);
    if (event.key === 'Escape')
      event.target.blur();
    return;
  }
  const action = keys[event.key];
  const is_arrow = event.key.startsWith('Arrow');
  const is_at_chart = event.target === document.body
    || event.target.closest('#chart, #strip, .bar, #details');
  if (!action || (is_arrow && !is_at_chart))
    return;
  event.preventDefault();
  actions[action]();
}

function listen_to_chart() {
  const {svg} = timeline.chart;
  const pointers = new Map();
  let moved = 0;
  const local = (event) => {
    const box = svg.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  };
  svg.addEventListener('pointerdown', (event) => {
    pointers.set(event.pointerId, local(event));
    moved = 0;
  });
  svg.addEventListener('pointermove', (event) => {
    const [x, y] = local(event);
    const before = pointers.get(event.pointerId);
    if (before && event.buttons !== 0) {
      const distance = timeline.chart.place_of(before[0]) - timeline.chart.place_of(x);
      moved += Math.abs(x - before[0]);
      pointers.set(event.pointerId, [x, y]);
      if (moved > 4) {
        svg.setPointerCapture(event.pointerId);
        look_at(timeline.view.from + distance, timeline.view.to + distance);
      }
      return;
    }
    const i = timeline.chart.nearest(x, y);
    if (i !== timeline.view.hovered) {
      timeline.view.hovered = i;
      timeline.chart.emphasise(i >= 0 ? i : timeline.view.selected);
    }
    show_tip(timeline.model, i, event.clientX, event.clientY);
  });
  svg.addEventListener('pointerleave', () => {
    timeline.view.hovered = -1;
    show_tip(timeline.model, -1);
    timeline.chart.emphasise(timeline.view.selected);
  });
  svg.addEventListener('pointerup', (event) => {
    pointers.delete(event.pointerId);
    if (moved > 4)
      return;
    const i = timeline.chart.nearest(...local(event));
    const chosen = timeline.chart.event_at(...local(event));
    if (i < 0 && chosen && chosen.at !== timeline.event)
      choose_event(chosen.at);
    else
      select(i);
  });
  svg.addEventListener('pointercancel',
    (event) => pointers.delete(event.pointerId));
  svg.addEventListener('wheel', (event) => {
    if (event.ctrlKey || event.metaKey) {
      event.preventDefault();
      zoom(event.deltaY > 0 ? 1.25 : 0.8, timeline.chart.place_of(local(event)[0]));
    } else if (event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY)) {
      event.preventDefault();
      move(Math.sign(event.deltaX || event.deltaY) * 0.08);
    }
  }, {passive: false});
}

function listen() {
  document.addEventListener('keydown', on_key);
  for (const button of document.querySelectorAll('[data-do]'))
    button.addEventListener('click', () => actions[button.dataset.do]());
  by_id('theme').addEventListener('click', toggle_theme);
  by_id('help').addEventListener('click', actions.help);
  by_id('search').addEventListener('input',
    (event) => search(event.target.value, 0));
  by_id('search').addEventListener('search',
    (event) => search(event.target.value, 0));
  by_id('events').addEventListener('click', (event) => {
    const row = event.target.closest('tr[data-event]');
    const process = row ? Number(row.dataset.process) : -1;
    const model = timeline.models[process];
    const at = model ? model.data.events.findIndex(
      (x) => x.event === Number(row.dataset.event)) : -1;
    if (at < 0)
      return;
    choose_of_all(process, at);
    by_id('picture').scrollIntoView({block: 'start'});
  });
  new ResizeObserver(redraw).observe(by_id('chart'));
}
