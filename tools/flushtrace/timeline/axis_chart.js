// axis_chart.js: what lies across the picture: the axis with its ticks,
// the waits that are cut out, the events.
'use strict';

const axis_drawing = {
  draw_cuts() {
    const {rows} = this;
    for (const cut of this.density < packed ? [] : this.view.cuts) {
      if (cut.before + 1 < this.first || cut.before > this.last)
        continue;
      const [x1, x2] = [this.x(cut.before) + 6, this.x(cut.before + 1) - 6];
      const group = shape('g', {class: 'cut', 'data-before': cut.before});
      group.append(shape('title', {}, `The process asked for its next event `
        + `and had it ${duration_text(cut.waited)} later; the sandbox may have `
        + `been frozen for ${duration_text(cut.ns)} of it.`));
      group.append(shape('rect', {x: rounded(x1), y: heights.axis,
        width: Math.max(1, rounded(x2 - x1)),
        height: rows.lanes_bottom - heights.axis}));
      for (const x of x2 - x1 > 8 ? [x1, x2] : [])
        group.append(shape('path', {d: tear_path(x, heights.axis,
          rows.lanes_bottom)}));
      const texts = [`freeze ${duration_text(cut.ns)}`, duration_text(cut.ns)];
      const text = texts.find((x) => x2 - x1 > x.length * 6.4);
      if (text)
        group.append(shape('text', {x: (x1 + x2) / 2, y: rows.ribbon + 4,
          'text-anchor': 'middle'}, text));
      this.scene.append(group);
    }
  },

  draw_axis() {
    const {rows} = this;
    const group = shape('g', {class: 'axis'});
    const room_for = text_row();
    for (const event of this.events) {
      for (const [place, ns] of this.is_wide(event) ? this.ticks_of(event) : []) {
        const x = this.x_of(place);
        const text = ns === 0 ? '0' : `+${duration_text(ns, 1)}`;
        if (x < rows.left - 1 || x > rows.right || !room_for(x + 2, text))
          continue;
        group.append(shape('line', {x1: x, x2: x, y1: 8,
          y2: rows.lanes_bottom}));
        group.append(shape('text', {x: x + 4, y: 13}, text));
      }
    }
    this.scene.append(group);
  },

  // Places and times since the event began.
  ticks_of(event) {
    const {scale} = this.view;
    const {time} = this.model;
    const end = event.end;
    const begin = time[event.first];
    const ticks = [];
    if (scale.is_true) {
      const pixels = this.x(end) - this.x(event.first);
      const step = nice_step((time[end] - begin) / Math.max(1, pixels / 90));
      const first = Math.max(0, Math.floor(
        (time[Math.max(this.first, event.first)] - begin) / step));
      for (let n = first; n < first + 40 && begin + n * step <= time[end]; ++n)
        ticks.push([scale.place_of_time(begin + n * step), n * step]);
      return ticks;
    }
    let next = -Infinity;
    for (let i = Math.max(event.first, this.first);
      i <= Math.min(end, this.last); ++i) {
      if (this.x(i) < next || (i > 0 && time[i] === time[i - 1] && ticks.length))
        continue;
      ticks.push([scale.at[i], time[i] - begin]);
      next = this.x(i) + 96;
    }
    return ticks;
  },

  draw_events() {
    const {rows, model} = this;
    // Missed ones on top of others.
    const ordered = [...this.events].sort((x, y) => x.is_missed - y.is_missed);
    for (const event of ordered) {
      const end = event.end;
      const [x1, x2] = [this.x(event.first), this.x(end)];
      const group = shape('g', {class: `event ${event.is_missed ? 'missed'
        : event.is_over ? 'fine' : 'open'}`, 'data-event': event.event});
      group.append(shape('title', {}, `${event.kind} ${event.event}: ${
        event.said}`));
      group.append(shape('rect', {x: x1 - 4, width: Math.max(2, x2 - x1 + 8),
        y: rows.ribbon - 9, height: 18, rx: 4}));
      if (event.flush_begin >= 0 && x2 - x1 > 24) {
        const f1 = this.x(event.flush_begin);
        const f2 = event.flush_end >= 0 ? this.x(event.flush_end) : x2;
        group.append(shape('rect', {class: 'flush', x: f1 - 3,
          width: Math.max(2, f2 - f1 + 6), y: rows.ribbon - 9, height: 18,
          rx: 4}));
        if (this.is_wide(event))
          group.append(shape('rect', {class: 'flush-shade', x: f1 - 3,
            width: Math.max(2, f2 - f1 + 6), y: rows.signals[0] - 10,
            height: rows.lanes_bottom - rows.signals[0] + 10}));
        if (f2 - f1 > 42)
          group.append(shape('text', {class: 'on-flush', x: f1 + 5,
            y: rows.ribbon + 4}, 'flush'));
      }
      const text = `${event.kind} ${event.event} · ${event.verdict}`;
      const x = Math.max(x1, rows.left);
      const limit = event.flush_begin >= 0 ? this.x(event.flush_begin) : x2;
      if (limit - x > text.length * 6.4)
        group.append(shape('text', {x: x + 5, y: rows.ribbon + 4}, text));
      else if (limit - x > 20)
        group.append(shape('text', {x: x + 3, y: rows.ribbon + 4},
          String(event.event)));
      this.scene.append(group);
      if (event.winner_at >= 0 && this.is_wide(event)) {
        const wx = this.x(event.winner_at);
        this.scene.append(shape('line', {class: 'winner-line', x1: wx, x2: wx,
          y1: rows.signals[0] - 10, y2: rows.lanes_bottom}));
      }
    }
    model.shown_events = this.events.length;
  },
};

// The torn edge of a cut.
function tear_path(x, top, bottom) {
  let d = `M${rounded(x)} ${top}`;
  for (let y = top, side = 1; y < bottom; y += 8, side = -side)
    d += `l${3 * side} 4l${-3 * side} 4`;
  return d;
}
