// marks.js: shapes of the picture as SVG. Many marks of one kind are one path,
// so that ten thousand records are as quick to draw as ten.
'use strict';

const svg_names = 'http://www.w3.org/2000/svg';

function shape(name, attributes = {}, text = null) {
  const made = document.createElementNS(svg_names, name);
  for (const [key, value] of Object.entries(attributes))
    made.setAttribute(key, value);
  if (text !== null)
    made.textContent = text;
  return made;
}

const rounded = (x) => Math.round(x * 10) / 10;

function circle_path(x, y, r) {
  return `M${rounded(x - r)} ${rounded(y)}a${r} ${r} 0 1 0 ${2 * r} 0`
    + `a${r} ${r} 0 1 0 ${-2 * r} 0`;
}

function diamond_path(x, y, r) {
  return `M${rounded(x - r)} ${rounded(y)}l${r} ${-r}l${r} ${r}l${-r} ${r}z`;
}

// A line with a head at its end.
function arrow_path(x1, y1, x2, y2) {
  const length = Math.hypot(x2 - x1, y2 - y1) || 1;
  const [dx, dy] = [(x2 - x1) / length, (y2 - y1) / length];
  const [ex, ey] = [x2 - dx * 4.5, y2 - dy * 4.5]; // not into the turn's circle
  const [bx, by] = [ex - dx * 5, ey - dy * 5];
  const line = `M${rounded(x1)} ${rounded(y1)}L${rounded(ex)} ${rounded(ey)}`;
  return length < 14 ? line
    : `${line}M${rounded(bx - dy * 2.4)} ${rounded(by + dx * 2.4)}`
      + `L${rounded(ex)} ${rounded(ey)}`
      + `L${rounded(bx + dy * 2.4)} ${rounded(by - dx * 2.4)}`;
}

const fact_kinds = new Set(['event_begin', 'winner', 'late_signal',
  'flush_begin', 'flush_end', 'ledger', 'dropped', 'breaker', 'verdict',
  'process_end', 'not_consumed']);
const bad_kinds = new Set(['dropped', 'verdict', 'late_signal', 'not_consumed']);
const quiet_kinds = new Set(['enqueued', 'wall_read', 'random_draw',
  'clock_anchor', 'buffer', 'post', 'born', 'exited']);

// How marks look; the last is on top.
const looks = ['quiet', 'turn', 'fact', 'bad'];

// The class of a record's mark: one of `looks`.
function mark_class(kind) {
  if (kind === 'handled')
    return 'turn';
  if (bad_kinds.has(kind))
    return 'bad';
  return quiet_kinds.has(kind) ? 'quiet' : 'fact';
}

function mark_path(what, x, y) {
  if (what === 'turn')
    return circle_path(x, y, 3.5);
  return what === 'quiet' ? circle_path(x, y, 1.3) : diamond_path(x, y, 5);
}

// Texts of one row that do not overlap: the first that comes has its room.
function text_row(font_width = 6.1) {
  const taken = [];
  return (x, text) => {
    const [begin, end] = [x - 2, x + text.length * font_width + 6];
    if (taken.some(([from, to]) => begin < to && end > from))
      return false;
    taken.push([begin, end]);
    return true;
  };
}

// Widths at which lanes' names go into the picture, as on a telephone.
const narrow_width = 640;
const heights = {axis: 20, ribbon: 26, signal: 20, lane: 36, port: 28,
  buffer: 46, gap: 8};

const signal_texts = ['agent flushed', 'runtime done', 'deadline'];

// Where each row is. *Shape:* `y` is the middle of a row.
function lay_out(model, width, has_ports) {
  const is_narrow = width < narrow_width;
  const rows = {is_narrow, left: is_narrow ? 6 : 136, width, lanes: [],
    right: width - (is_narrow ? 6 : 14)};
  let y = heights.axis;
  rows.ribbon = y + heights.ribbon / 2;
  y += heights.ribbon + 4;
  rows.signals = signal_texts.map((name, i) =>
    y + i * heights.signal + heights.signal / 2);
  y += 3 * heights.signal + heights.gap;
  rows.buffer_top = y;
  rows.buffer_bottom = y += heights.buffer;
  y += is_narrow ? heights.gap : 0;
  model.data.lanes.forEach(([name, group], i) => {
    const height = group === 2 ? heights.port : heights.lane;
    const is_shown = group !== 2 || has_ports;
    if (is_shown && i > 0 && model.data.lanes[i - 1][1] !== group)
      y += heights.gap;
    rows.lanes.push({name, group, is_shown, height, y: y + height * 0.62});
    y += is_shown ? height : 0;
  });
  // What a hidden lane does is drawn nowhere.
  rows.lanes_bottom = rows.height = y + heights.gap;
  return rows;
}
