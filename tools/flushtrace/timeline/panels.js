// panels.js: what stands beside the picture: the strip of events, what became
// of one, its ledger, and the record that is looked at. Trace content gets into
// the page as text alone.
'use strict';

function element(name, classes = '', text = null) {
  const made = document.createElement(name);
  if (classes)
    made.className = classes;
  if (text !== null)
    made.textContent = text;
  return made;
}

const by_id = (id) => document.getElementById(id);

// One bar for each event, of all processes; what was missed stands out.
function draw_strip(models, choose) {
  const strip = by_id('strip');
  strip.replaceChildren();
  if (models.length < 2 && models[0].data.events.length < 2)
    return;
  const most = models.flatMap((x) => x.data.events)
    .reduce((most_yet, x) => Math.max(most_yet, x.received), 1);
  models.forEach((model, process) => {
    if (models.length > 1)
      strip.append(element('span', 'process', `process ${model.data.id}`));
    for (const event of model.data.events)
      strip.append(event_bar(process, event, most, choose));
  });
}

function event_bar(process, event, most, choose) {
  const bar = element('button', event.is_missed ? 'missed' : event.is_over
    ? 'fine' : 'open');
  bar.type = 'button';
  bar.dataset.process = process;
  bar.dataset.at = event.at;
  bar.tabIndex = -1;
  bar.title = `${event.kind} ${event.event}: ${event.verdict}, `
    + `${lines_text(event.received)} received`;
  bar.setAttribute('aria-label', bar.title);
  const fill = element('i');
  fill.style.height = `${4 + 24 * Math.sqrt(Math.max(0, event.received)
    / most)}px`;
  bar.append(fill);
  bar.addEventListener('click', () => choose(process, event.at));
  return bar;
}

function mark_in_strip(process, at) {
  for (const bar of by_id('strip').querySelectorAll('button')) {
    const is_current = Number(bar.dataset.at) === at
      && Number(bar.dataset.process) === process;
    bar.setAttribute('aria-pressed', is_current);
    bar.tabIndex = is_current ? 0 : -1;
    if (is_current)
      bar.scrollIntoView({block: 'nearest', inline: 'nearest'});
  }
  for (const row of document.querySelectorAll('#events tr.current'))
    row.classList.remove('current');
}

function draw_story(model, event) {
  const {data} = model;
  const over = [`${event.kind} ${event.event} of process ${data.id}`,
    event.wall, event.request_id].filter((x) => x);
  by_id('over').textContent = over.join(' · ');
  const title = by_id('title');
  title.textContent = '';
  title.append(`Event ${event.event}: `, element('em',
    event.is_missed ? 'missed' : event.is_over ? 'fine' : 'open',
    event.is_missed ? `flush ${event.verdict.replace(/ /g, ', ')}`
      : event.verdict));
  by_id('said').textContent = event.said;
  draw_ledger(event);
}

// Why: the causes that a rule found, with the records that show them.
function draw_causes(model, event, choose) {
  const panel = by_id('causes');
  panel.replaceChildren();
  const causes = event.causes.filter((x) => !x.is_remark);
  // What is worth a word beside a miss is noise where nothing was missed.
  const remarks = event.is_missed ? event.causes.filter((x) => x.is_remark) : [];
  for (const cause of causes.concat(remarks))
    panel.append(cause_element(model, cause, causes[0] === cause, choose));
  for (const loss of event.uncaused)
    panel.append(uncaused_element(model, loss, choose));
}

// What no cause is known for, with the records that show it.
function uncaused_element(model, loss, choose) {
  const made = element('article', 'remark');
  const text = element('p', '', `${sentence_case(loss.detail)}.`);
  append_records(text, model, loss.evidence, choose);
  made.append(element('h2', '', 'For none of the known causes'), text);
  return made;
}

// Records that are on the page, as links to them.
function append_records(text, model, evidence, choose) {
  const shown = evidence.filter((i) => i >= 0);
  if (shown.length > 0)
    text.append(element('span', 'soft', shown.length === 1 ? ' Record '
      : ' Records '));
  shown.forEach((i, at) => {
    const link = element('button', 'link', String(model.sequence[i]));
    link.type = 'button';
    link.addEventListener('click', () => choose(i));
    text.append(at > 0 ? ', ' : '', link);
  });
}

function sentence_case(text) {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function cause_element(model, cause, is_primary, choose) {
  const made = element('article', is_primary ? 'primary'
    : cause.is_remark ? 'remark' : '');
  const head = element('h2', '', is_primary ? 'Cause' : cause.is_remark
    ? 'Beside' : 'Also');
  head.append(element('code', '', cause.id),
    element('span', 'soft', cause.how === 'inferred' ? cause.how
      : `${cause.how} by replay`));
  const text = element('p', '', is_primary ? `${cause.what} ` : '');
  // Names as they are: platform.report.
  const is_name = /^[a-z]+[._]/.test(cause.detail);
  const detail = is_name ? cause.detail : sentence_case(cause.detail);
  text.append(/[.!?]$/.test(detail) ? detail : `${detail}.`);
  append_records(text, model, cause.evidence, choose);
  made.append(head, text);
  if (cause.proof)
    made.append(element('p', 'soft', `${sentence_case(cause.proof)}.`));
  if (!cause.is_remark && cause.remedy) {
    const remedy = element('p', 'remedy');
    remedy.append(element('b', '', 'Remedy '), cause.remedy);
    if (cause.setting)
      remedy.append(' ', element('code', '', cause.setting));
    if (cause.effect)
      remedy.append(element('span', 'soft', ` ${cause.effect}.`));
    made.append(remedy);
  }
  return made;
}

function draw_ledger(event) {
  const ledger = by_id('ledger');
  const parts = [['accepted', event.accepted], ['dropped', event.dropped],
    ['held', Math.max(0, event.received - event.accepted - event.dropped)]];
  const bar = element('div', 'stack');
  const list = element('dl');
  const add = (name, text, classes) => {
    const row = element('div', classes);
    row.append(element('dt', '', name), element('dd', '', text));
    list.append(row);
  };
  add('received', String(event.received), 'received');
  for (const [name, count] of parts) {
    const part = element('i', name);
    part.style.flexGrow = count;
    if (count > 0)
      bar.append(part);
    add(name, String(count), count > 0 ? name : 'none');
  }
  if (event.held_ns !== undefined)
    add('held the function', duration_text(event.held_ns), 'time');
  ledger.replaceChildren(bar, list);
}

function record_title(model, i) {
  const kind = model.kind(i);
  return kind === 'handled' && model.causes[i] >= 0
    ? `handled ${name_of(model, i)}`
    : kind === 'enqueued' ? `sent ${model.type(i)}` : kind;
}

function place_text(model, i) {
  const sender = model.data.lanes[model.sender[i]][0];
  return model.kind(i) === 'enqueued' ? `${sender} → ${model.actor(i)}`
    : model.actor(i);
}

function time_text(model, i) {
  const event = model.data.events[model.event_of[i]];
  return event
    ? `+${duration_text(model.time[i] - model.time[event.first])}`
    : `+${(model.time[i] / 1e9).toFixed(6)} s of the process`;
}

function show_tip(model, i, x, y) {
  const tip = by_id('tip');
  tip.hidden = i < 0;
  if (i < 0)
    return;
  const what = what_of(model, model.kind(i) === 'handled' && model.causes[i] >= 0
    ? model.causes[i] : i);
  tip.replaceChildren(element('b', '', record_title(model, i)),
    element('span', 'soft', `${place_text(model, i)} · ${time_text(model, i)}`
      + ` · record ${model.sequence[i]}`),
    element('code', '', what.length > 260 ? `${what.slice(0, 260)} …` : what));
  const {clientWidth} = document.documentElement;
  tip.style.left = `${Math.max(8, Math.min(x + 14,
    clientWidth - tip.offsetWidth - 8))}px`;
  tip.style.top = `${y + 18 + tip.offsetHeight > innerHeight
    ? Math.max(4, y - tip.offsetHeight - 14) : y + 18}px`;
}

// Of effects, what fits.
const effects_max = 12;

function show_details(model, i, choose) {
  const panel = by_id('details');
  panel.replaceChildren();
  if (i < 0) {
    panel.append(element('p', 'hint', 'Point at a mark to see what led to it '
      + 'and what came of it; click to keep it. Keys: ?'));
    return;
  }
  const head = element('div', 'record');
  head.append(element('h2', '', record_title(model, i)));
  const facts = element('dl');
  const fact = (name, text) => {
    const row = element('div');
    row.append(element('dt', '', name), element('dd', '', text));
    facts.append(row);
  };
  fact('record', String(model.sequence[i]));
  fact('where', place_text(model, i));
  fact('time', time_text(model, i));
  if (model.handled[i] >= 0)
    fact('waited', duration_text(model.time[model.handled[i]] - model.time[i]));
  if (model.is_urgent(i))
    fact('urgent', 'yes');
  head.append(facts);
  const message = model.kind(i) === 'handled' && model.causes[i] >= 0
    ? model.causes[i] : i;
  const what = what_of(model, message);
  if (what)
    head.append(element('code', '', what));
  const causes = element('div', 'causes');
  causes.append(element('h3', '', 'What led to it'),
    record_list(model, [...ancestors_of(model, i)].reverse().slice(-effects_max),
      choose));
  if (model.is_cause_elsewhere(ancestors_of(model, i).pop() ?? i))
    causes.append(element('p', 'soft', 'Its own cause is not on this page.'));
  const effects = element('div', 'effects');
  const children = [...model.children(i)];
  effects.append(element('h3', '', 'What came of it'),
    record_list(model, children.slice(0, effects_max), choose));
  if (children.length > effects_max)
    effects.append(element('p', 'soft',
      `and ${children.length - effects_max} more`));
  panel.append(head, causes, effects);
}

function record_list(model, records, choose) {
  if (records.length === 0)
    return element('p', 'soft', 'nothing that is recorded');
  const list = element('ol');
  for (const i of records) {
    const item = element('li');
    const link = element('button', '', record_title(model, i));
    link.type = 'button';
    link.addEventListener('click', () => choose(i));
    item.append(element('span', 'number', String(model.sequence[i])), link,
      element('span', 'soft', place_text(model, i)));
    list.append(item);
  }
  return list;
}
