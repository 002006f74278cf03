// chart.js: draws the part of the picture that is seen, and emphasises a record
// with what led to it and what came of it. *_chart.js have its parts.
'use strict';

// Arrows and labels that a picture can bear.
const arrows_max = 3000;

// Pixels for each record below which names would hide what happened.
const dense = 2.2;

// Below which arrows would only darken it.
const packed = 0.15;

// Pixels of an event from which on it has details.
const wide_event = 60;

// What has room beside the picture.
const name_length_max = 20;

function lane_text(name) {
  const text = name.replace(/_/g, ' ');
  return text.length > name_length_max
    ? `${text.slice(0, name_length_max - 1)}…` : text;
}

class chart {
  constructor(host, model) {
    this.host = host;
    this.model = model;
    this.svg = shape('svg', {tabindex: 0, role: 'application',
      'aria-label': 'Timeline. Arrow keys go from record to record, '
        + 'the question mark shows all keys.'});
    host.replaceChildren(this.svg);
  }

  draw(view) {
    this.view = view;
    const width = Math.max(300, this.host.clientWidth);
    this.rows = lay_out(this.model, width, view.has_ports);
    const {rows, svg} = this;
    svg.setAttribute('viewBox', `0 0 ${width} ${rows.height}`);
    svg.setAttribute('width', width);
    svg.setAttribute('height', rows.height);
    const clip = shape('clipPath', {id: 'seen'});
    clip.append(shape('rect', {x: rows.left, y: 0, height: rows.height,
      width: rows.right - rows.left}));
    const hatch = shape('pattern', {id: 'hatch', width: 6, height: 6,
      patternUnits: 'userSpaceOnUse', patternTransform: 'rotate(45)'});
    hatch.append(shape('line', {x1: 0, y1: 0, x2: 0, y2: 6, class: 'hatch'}));
    this.scene = shape('g', {class: 'scene', 'clip-path': 'url(#seen)'});
    this.cone = shape('g', {class: 'cone', 'clip-path': 'url(#seen)'});
    const definitions = shape('defs');
    definitions.append(clip, hatch);
    svg.replaceChildren(definitions, this.scene, this.cone);
    this.find_seen();
    this.draw_cuts();
    this.draw_axis();
    this.draw_events();
    this.draw_levels();
    this.draw_lanes();
    this.draw_arrows();
    this.draw_marks();
    this.draw_evidence();
    this.draw_signals();
    this.draw_names();
    this.emphasise(view.hovered >= 0 ? view.hovered : view.selected);
  }

  x_of(place) {
    const {from, to} = this.view;
    return this.rows.left
      + (place - from) / (to - from) * (this.rows.right - this.rows.left);
  }

  place_of(x) {
    const {from, to} = this.view;
    return from + (x - this.rows.left) / (this.rows.right - this.rows.left)
      * (to - from);
  }

  x(i) { return this.x_of(this.view.scale.at[i]); }

  lane_y(lane) { return this.rows.lanes[lane].y; }

  is_lane_shown(lane) { return this.rows.lanes[lane].is_shown; }

  find_seen() {
    const {scale, from, to} = this.view;
    this.first = Math.max(0, scale.record_at(from) - 1);
    this.last = Math.min(this.model.count - 1, scale.record_at(to) + 1);
    this.events = this.model.data.events.filter(
      (x) => x.last >= this.first && x.first <= this.last);
    const pixels = this.rows.right - this.rows.left;
    this.density = pixels / (this.last - this.first + 1);
    this.scene.classList.toggle('dense', this.density < dense);
  }

  // Whether an event has room for more than its colour.
  is_wide(event) {
    return this.x(event.end) - this.x(event.first) > wide_event;
  }

  draw_names() {
    const {rows, svg} = this;
    const group = shape('g', {class: 'names'});
    const name = (text, y, what, above) => {
      group.append(rows.is_narrow
        ? shape('text', {x: 6, y: y - above, class: `${what} inner`}, text)
        : shape('text', {x: rows.left - 12, y: y + 4, 'text-anchor': 'end',
          class: what}, text));
    };
    if (!rows.is_narrow) {
      name('event', rows.ribbon, 'soft', 0);
      signal_texts.forEach((text, i) => name(text, rows.signals[i], 'soft', 0));
    }
    for (const lane of rows.lanes)
      if (lane.is_shown)
        name(lane_text(lane.name), lane.y,
          ['out', 'actor', 'port'][lane.group], 12);
    name('held lines', rows.buffer_top + 24, 'soft', 14);
    svg.append(group);
  }

  // The record, what led to it and what came of it.
  emphasise(i) {
    this.cone.replaceChildren();
    this.svg.classList.toggle('dim', i >= 0);
    if (i < 0)
      return;
    const {model} = this;
    const before = ancestors_of(model, i);
    const after = descendants_of(model, i);
    this.draw_cone(before.concat(i), 'before');
    this.draw_cone(after, 'after');
    const lane = model.place[i];
    if (this.is_lane_shown(lane))
      this.cone.append(shape('circle', {class: 'chosen', r: 8,
        cx: this.x(i), cy: this.lane_y(lane)}));
  }

  draw_cone(records, what) {
    let marks = '';
    let arrows = '';
    for (const i of records.slice(0, arrows_max)) {
      if (i < this.first - 200 || i > this.last + 200)
        continue;
      const kind = this.model.kind(i);
      const lane = this.model.place[i];
      if (this.is_lane_shown(lane))
        marks += mark_path(mark_class(kind), this.x(i), this.lane_y(lane));
      const arrow = kind === 'enqueued' ? this.arrow_of(i) : null;
      arrows += arrow ? arrow_path(...arrow) : '';
    }
    this.cone.append(shape('path', {class: `arrows ${what}`, d: arrows}));
    this.cone.append(shape('path', {class: `mark ${what}`, d: marks}));
  }

  // The event whose bar is there, else undefined.
  event_at(x, y) {
    const place = this.place_of(x);
    const {at} = this.view.scale;
    return Math.abs(y - this.rows.ribbon) > heights.ribbon / 2 ? undefined
      : this.events.find((event) => at[event.first] <= place
        && place <= at[event.end]);
  }

  // The record whose mark is nearest; -1: none is near.
  nearest(x, y) {
    let found = -1;
    let least = 14 ** 2;
    for (const [mx, my, i] of this.marks) {
      // A turn's effects stand beside it: what is small is hit as well.
      const distance = (mx - x) ** 2 + ((my - y) * 0.8) ** 2;
      if (distance < least) {
        least = distance;
        found = i;
      }
    }
    return found;
  }
}

Object.assign(chart.prototype, axis_drawing, lane_drawing, signal_drawing);
