// signal_chart.js: the three signals with the one that ended the event,
// the deadline, and what was held.
'use strict';

const signal_drawing = {
  draw_signals() {
    const {rows, model} = this;
    const given = new Set();
    const rooms = rows.signals.map(() => text_row(6));
    for (const event of this.events)
      this.draw_signal_rows(event);
    const by_number = new Map(this.events.map((x) => [x.event, x]));
    for (const [i, signal, number, is_winner] of model.data.signals) {
      const event = by_number.get(number);
      if (!event || signal >= rows.signals.length)
        continue;
      given.add(`${number} ${signal}`);
      const y = rows.signals[signal];
      const winner = event.winner_at >= 0 ? event.winner_at : i;
      const x = this.x(is_winner ? winner : i);
      if (x < rows.left || x > rows.right)
        continue;
      const late = model.time[i] - model.time[winner];
      const is_short = rows.is_narrow || event.slack === undefined;
      const text = (rows.is_narrow ? `${signal_texts[signal]}: ` : '')
        + (!is_winner ? `${duration_text(late)} too late` : is_short
          ? 'ended it'
          : `ended it, ${duration_text(event.slack)} before the deadline`);
      const group = shape('g', {class: `signal ${is_winner ? 'won' : 'lost'}`,
        'data-signal': signal});
      group.append(shape('path', {d: is_winner ? diamond_path(x, y, 6.5)
        : circle_path(x, y, 4)}));
      const is_left = x + 10 + text.length * 5.9 > rows.right;
      const begin = is_left ? x - 10 - text.length * 6 : x + 11;
      if (this.is_wide(event) && rooms[signal](begin, text))
        group.append(shape('text', {x: is_left ? x - 10 : x + 11, y: y + 4,
          'text-anchor': is_left ? 'end' : 'start'}, text));
      this.scene.append(group);
    }
    for (const event of this.events)
      this.draw_absent(event, given);
  },

  draw_signal_rows(event) {
    const [x1, x2] = [this.x(event.first), this.x(event.end)];
    if (event.kind !== 'session')
      for (const y of this.rows.signals)
        this.scene.append(shape('line', {class: 'signal-row', x1, x2, y1: y,
          y2: y}));
  },

  draw_absent(event, given) {
    const {rows, model} = this;
    const end = event.end;
    const [x1, x2] = [this.x(event.first), this.x(end)];
    const x0 = Math.max(x1, rows.left) + 6;
    if (event.kind === 'invoke' && x2 - x0 > 160)
      rows.signals.forEach((y, signal) => {
        if (!given.has(`${event.event} ${signal}`))
          this.scene.append(shape('text', {class: 'absent', x: x0, y: y + 4},
            (rows.is_narrow ? `${signal_texts[signal]}: ` : '')
            + (signal === 2 ? 'not reached' : 'not given')));
      });
    // The deadline proper: in its place, or at the edge of what was used.
    const is_reached = event.deadline <= model.time[end];
    const x = is_reached ? this.x_of(this.view.scale.place_of_time(event.deadline))
      : x2 + 4;
    if (event.kind === 'session' || x < rows.left || x > rows.right
      || !this.is_wide(event))
      return;
    const group = shape('g', {class: `deadline ${is_reached ? 'reached' : ''}`,
      'data-event': event.event});
    group.append(shape('line', {x1: x, x2: x, y1: rows.signals[0] - 10,
      y2: is_reached ? rows.lanes_bottom : rows.signals[2] + 10}));
    const left = event.deadline - model.time[end];
    const is_free = !given.has(`${event.event} 2`);
    if ((x2 - x0 > 330 && is_free) || is_reached)
      group.append(shape('text', {x: x - 5, y: rows.signals[2] + 4,
        'text-anchor': 'end'}, is_reached ? 'deadline'
        : `deadline in ${duration_text(left)}`));
    this.scene.append(group);
  },

  draw_levels() {
    const {rows, model} = this;
    const {levels} = model.data;
    let most = 0;
    let most_bytes = 0;
    let bytes_max = 0;
    for (const [i, lines, bytes, bytes_most] of levels)
      if (i >= this.first && i <= this.last) {
        most = Math.max(most, lines);
        most_bytes = Math.max(most_bytes, bytes);
        bytes_max = bytes_most;
      }
    const top = Math.max(1, most);
    const [y0, y1] = [rows.buffer_bottom - 2, rows.buffer_top + 16];
    const y_of = (lines) => y0 - Math.max(0, lines) / top * (y0 - y1);
    let level = 0;
    let d = '';
    let x = rows.left;
    for (const [i, lines] of levels) {
      if (i > this.last)
        break;
      if (i >= this.first) {
        x = this.x(i);
        d += d === '' ? `M${rounded(Math.min(x, rows.left))} ${rounded(y_of(level))}`
          : '';
        d += `H${rounded(x)}V${rounded(y_of(lines))}`;
      }
      level = lines;
    }
    if (d === '')
      d = `M${rows.left} ${rounded(y_of(level))}`;
    d += `H${rows.right}`;
    this.scene.append(shape('line', {class: 'lane', x1: rows.left,
      x2: rows.right, y1: y0, y2: y0}));
    this.scene.append(shape('path', {class: 'level-area',
      d: `${d}V${y0}H${rows.left}Z`}));
    this.scene.append(shape('path', {class: 'level', d}));
    this.scene.append(shape('text', {class: 'level-text', x: rows.right - 4,
      y: rows.buffer_top + 11, 'text-anchor': 'end'},
    most === 0 ? 'nothing' : `up to ${lines_text(most)}, `
      + `${bytes_text(most_bytes)} of ${bytes_text(bytes_max)}`));
  },
};
