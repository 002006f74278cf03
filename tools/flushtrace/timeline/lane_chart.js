// lane_chart.js: what happens in the lanes: lives, requests, messages
// as arrows, marks of records, and the evidence of causes.
'use strict';

const lane_drawing = {
  draw_lanes() {
    const {rows, model} = this;
    rows.lanes.forEach((lane, at) => {
      if (!lane.is_shown)
        return;
      this.scene.append(shape('line', {class: 'lane', 'data-lane': lane.name,
        x1: rows.left, x2: rows.right, y1: lane.y, y2: lane.y}));
      if (lane.group !== 1)
        return;
      for (const [of, born, exited] of model.data.lives) {
        if (of !== at || (exited >= 0 && exited < this.first)
          || (born >= 0 && born > this.last))
          continue;
        const x1 = born >= 0 ? this.x(born) : rows.left - 20;
        const x2 = exited >= 0 ? this.x(exited) : rows.right + 20;
        this.scene.append(shape('rect', {class: 'life', x: x1 - 5,
          width: Math.max(4, x2 - x1 + 10), y: lane.y - 8, height: 16, rx: 8}));
      }
    });
    for (const request of this.density < packed ? [] : model.data.requests)
      this.draw_request(request);
  },

  draw_request(request) {
    const end = request.answered < 0 ? this.model.count - 1 : request.answered;
    if (end < this.first || request.asked > this.last || request.is_next
      || !this.rows.lanes[request.lane])
      return;
    const y = this.lane_y(request.lane);
    const [x1, x2] = [this.x(request.asked), this.x(end)];
    const is_good = request.status >= 200 && request.status < 300;
    const group = shape('g', {class: `request ${is_good ? 'good' : 'bad'}`});
    group.append(shape('rect', {x: x1, width: Math.max(3, x2 - x1), y: y - 8,
      height: 16, rx: 3}));
    const took = this.model.time[end] - this.model.time[request.asked];
    const outcome = request.status || request.failure || 'no answer';
    group.append(shape('title', {}, `${request.method} ${request.path}: ${
      outcome} after ${duration_text(took)}`));
    const texts = [`${request.method} ${outcome} · ${duration_text(took)}`,
    `${request.status || request.failure || '?'}`];
    const text = texts.find((x) => x.length * 6.2 + 8 < x2 - x1);
    if (text)
      group.append(shape('text', {x: Math.max(x1, this.rows.left) + 5,
        y: y + 4}, text));
    this.scene.append(group);
  },

  draw_arrows() {
    const {model} = this;
    const paths = {inside: '', outside: ''};
    if (this.density < packed)
      return;
    const drawn = new Set();
    const grain = this.density < dense ? 4 : 1;
    // One from before what is seen may end in it.
    const first = Math.max(0, this.first - 200);
    for (let i = first; i <= this.last && drawn.size < arrows_max; ++i) {
      const arrow = this.arrow_of(i);
      if (!arrow)
        continue;
      const key = arrow.map((x) => Math.round(x / grain)).join();
      if (drawn.has(key))
        continue;
      drawn.add(key);
      const is_outside = model.data.lanes[model.sender[i]][1] === 0;
      paths[is_outside ? 'outside' : 'inside'] += arrow_path(...arrow);
    }
    for (const [name, d] of Object.entries(paths))
      this.scene.append(shape('path', {class: `arrows ${name}`, d}));
  },

  // From where a message was sent to where it is handled.
  arrow_of(i) {
    const {model} = this;
    const to = model.handled[i];
    if (to < 0 || model.sender[i] === model.lane[i]
      || !this.is_lane_shown(model.sender[i])
      || !this.is_lane_shown(model.lane[i]))
      return null;
    return [this.x(i), this.lane_y(model.sender[i]), this.x(to),
      this.lane_y(model.lane[i])];
  },

  draw_marks() {
    const {model, rows} = this;
    this.marks = [];
    // By look and lane; where the last one of these was.
    const paths = new Array(looks.length * rows.lanes.length).fill('');
    const last = new Array(paths.length).fill(-Infinity);
    const has_labels = this.density >= dense;
    const labels = [];
    for (let i = this.first; i <= this.last; ++i) {
      const lane = model.place[i];
      if (!this.is_lane_shown(lane))
        continue;
      const [x, y] = [this.x(i), this.lane_y(lane)];
      this.marks.push([x, y, i]);
      const look = model.look[i];
      const at = look * rows.lanes.length + lane;
      if (x - last[at] >= 0.7) {
        last[at] = x;
        paths[at] += mark_path(looks[look], x, y);
      }
      if (has_labels && look > 0)
        labels.push([look === 1 ? 1 : 0, lane, x, y, looks[look], i]);
    }
    paths.forEach((d, at) => {
      const lane = rows.lanes[at % rows.lanes.length];
      if (d !== '')
        this.scene.append(shape('path', {d, 'data-lane': lane.name,
          class: `mark ${looks[Math.floor(at / rows.lanes.length)]}`}));
    });
    this.draw_labels(labels);
  },

  draw_labels(labels) {
    const {model, rows} = this;
    const rooms = rows.lanes.map(() => text_row(5.6));
    labels.sort((a, b) => a[0] - b[0]); // facts first
    for (const [, lane, x, y, what, i] of labels) {
      const text = name_of(model, i);
      if (x > rows.left - 4 && rooms[lane](x - 4, text))
        this.scene.append(shape('text', {class: `label ${what}`, x: x - 4,
          y: y - 11}, text));
    }
  },

  // The records that show the primary causes.
  draw_evidence() {
    let d = '';
    for (const event of this.events) {
      const primary = event.causes.find((x) => !x.is_remark);
      for (const i of primary && event.is_missed ? primary.evidence : []) {
        if (i < this.first || i > this.last)
          continue;
        const lane = this.model.place[i];
        if (this.is_lane_shown(lane))
          d += circle_path(this.x(i), this.lane_y(lane), 7);
      }
    }
    this.scene.append(shape('path', {class: 'evidence', d}));
  },
};
