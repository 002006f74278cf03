// page_test.js: what the timeline page does in a real browser: opened from
// disk, with pointer and keys, dark and light, wide and narrow, without script,
// and with a trace that tries to break out. Run by run_browser.
'use strict';

const assert = require('node:assert/strict');
const fs = require('node:fs');
const path = require('node:path');
const {after, before, test} = require('node:test');
const {chromium} = require('playwright-core');

const {PAGES, BROWSER_FILE, SCREENSHOTS} = process.env;
const wide = {width: 1280, height: 900};
const narrow = {width: 375, height: 812};

// The lanes that every trace of the extension has.
const lanes = ['APM agent', 'Lambda', 'APM Server', 'lifecycle_poller',
  'coordinator', 'apm_forwarder', 'log_processor', 'timer', 'agent_listener',
  'telemetry_listener', 'http_client', 'timers', 'spill', 'tracer'];

let browser;

before(async () => {
  browser = await chromium.launch({executablePath: BROWSER_FILE,
    args: ['--no-sandbox']}); // CI runs as root
});

after(() => browser.close());

// Opens a page; whatever goes wrong in it fails the test, and so does any
// request but for the file itself.
async function open(t, name, options = {}) {
  const {hash = '', ...others} = options;
  const context = await browser.newContext({viewport: wide,
    colorScheme: 'light', ...others});
  t.after(() => context.close());
  context.setDefaultTimeout(15000); // for what is there at once
  const page = await context.newPage();
  const troubles = [];
  page.on('pageerror', (x) => troubles.push(x.message));
  page.on('console', (x) => {
    if (x.type() === 'error' || x.type() === 'warning')
      troubles.push(x.text());
  });
  page.on('request', (x) => {
    if (!x.url().startsWith(`file://${PAGES}/${name}.html`))
      troubles.push(`asked for ${x.url()}`);
  });
  page.troubles = troubles;
  await page.goto(`file://${PAGES}/${name}.html${hash}`);
  if (others.javaScriptEnabled !== false) {
    await page.waitForSelector('html[data-ready]');
    await settled(page);
  }
  return page;
}

// Pictures are drawn in the next frame.
async function settled(page) {
  await page.evaluate(() => new Promise((done) =>
    requestAnimationFrame(() => requestAnimationFrame(done)))).catch(() => {});
}

async function keep(page, name) {
  if (SCREENSHOTS)
    await page.screenshot({path: path.join(SCREENSHOTS, `${name}.png`)});
}

async function press(page, ...keys) {
  for (const key of keys)
    await page.keyboard.press(key);
  await settled(page);
}

// Where the mark of a record is: in the window, in pixels.
async function place_of(page, kind, what) {
  return page.evaluate(([wanted_kind, wanted]) => {
    const {model, chart} = globalThis.timeline;
    const event = model.data.events[globalThis.timeline.event];
    for (let i = event.first; i <= event.last; ++i) {
      const name = model.kind(i) === 'handled' && model.causes[i] >= 0
        ? model.type(model.causes[i]) : model.kind(i);
      if (model.kind(i) !== wanted_kind || name !== wanted)
        continue;
      const y = chart.lane_y(model.lane[i]);
      const seen = chart.svg.getBoundingClientRect().top + y;
      if (seen > innerHeight - 20)
        scrollBy(0, seen - innerHeight / 2);
      const box = chart.svg.getBoundingClientRect();
      return {x: box.left + chart.x(i), y: box.top + y, i};
    }
    return null;
  }, [kind, what]);
}

const title = (page) => page.textContent('#title');

test('it opens from disk at the first missed flush', async (t) => {
  const page = await open(t, 'demo');
  assert.match(await title(page), /Event 2: flush delayed/);
  assert.match(await page.textContent('#said'),
    /were still held .* flush signal ended it after .* before the deadline/);
  assert.match(await page.textContent('#ledger'), /received11.*accepted0.*held11/);
  await keep(page, 'demo');
  assert.deepEqual(page.troubles, []);
});

test('it says why, with records that show it', async (t) => {
  const page = await open(t, 'missed', {hash: '#process=0&event=2'});
  const cause = page.locator('.findings .primary');
  assert.match(await cause.textContent(), /transport\.post_timeout.*Remedy/);
  assert.ok((await page.getAttribute('.evidence', 'd')).length > 0);
  await cause.locator('button').first().click();
  await settled(page);
  const number = await cause.locator('button').first().textContent();
  assert.match(await page.textContent('#details'), new RegExp(`record${number}`));
  assert.match(await page.textContent('#events tr[data-event="2"]'),
    /transport\.post_timeout/);
  assert.deepEqual(page.troubles, []);
});

test('it draws every lane, with marks in it', async (t) => {
  const page = await open(t, 'demo');
  await press(page, 'a');
  const drawn = await page.$$eval('.lane[data-lane]',
    (all) => all.map((x) => x.dataset.lane));
  for (const lane of lanes) {
    assert.ok(drawn.includes(lane), `${lane} in ${drawn}`);
    const marks = await page.$$eval('.mark[data-lane]', (all, name) => all
      .filter((x) => x.dataset.lane === name)
      .reduce((sum, x) => sum + x.getAttribute('d').length, 0), lane);
    const bars = lane === 'APM Server'
      ? await page.locator('.request').count() : 0;
    assert.ok(marks + bars > 0, `nothing happened in ${lane}`);
  }
  assert.ok(!drawn.includes('world'), 'everything has a place of its own');
});

test('signals, winner, deadline, freeze and what is held are there',
  async (t) => {
    const page = await open(t, 'missed', {hash: '#process=0&event=2'});
    assert.match(await title(page), /Event 2: flush delayed/);
    assert.match(await page.textContent('.signal.won[data-signal="0"]'),
      /ended it, .* before the deadline/);
    assert.match(await page.textContent('.signal.lost[data-signal="1"]'),
      /too late/);
    assert.match(await page.textContent('.deadline[data-event="2"]'),
      /deadline in 2\.\d+ s/);
    assert.ok(await page.locator('.winner-line').count() > 0);
    assert.match(await page.textContent('.cut title >> nth=0'),
      /may have been frozen/);
    // The lines' level rises in steps from the floor.
    const level = await page.getAttribute('.level', 'd');
    assert.ok(new Set(level.match(/V[\d.]+/g)).size > 2, level);
    assert.match(await page.textContent('.level-text'), /up to \d+ lines/);
    assert.match(await page.textContent('.request.bad'), /POST (cancelled|timeout) · 50\d/);
    assert.ok((await page.getAttribute('.arrows.inside', 'd')).length > 500);
    assert.ok((await page.getAttribute('.arrows.outside', 'd')).length > 100);
    await keep(page, 'missed');
    assert.deepEqual(page.troubles, []);
  });

test('pointing at a mark shows the record and its causal cone', async (t) => {
  const page = await open(t, 'demo');
  const spot = await place_of(page, 'handled', 'batch');
  await page.mouse.move(spot.x, spot.y);
  await page.waitForSelector('#tip:not([hidden])');
  const tip = await page.textContent('#tip');
  assert.match(tip, /handled batch/);
  assert.match(tip, /apm_forwarder/);
  assert.match(tip, /batch\(lease=\d+, /);
  const before_it = await page.getAttribute('.cone .arrows.before', 'd');
  const after_it = await page.getAttribute('.cone .arrows.after', 'd');
  assert.ok(before_it.length > 0 && after_it.length > 0);
  assert.ok(await page.locator('svg.dim').count() === 1, 'the rest is dimmed');
  await keep(page, 'hover');
  await page.mouse.move(spot.x, 5);
  await settled(page);
  assert.ok(await page.locator('#tip[hidden]').count() === 1);
  assert.ok(await page.locator('svg.dim').count() === 0);
  assert.deepEqual(page.troubles, []);
});

test('a click keeps a record, and its causes and effects lead on',
  async (t) => {
    const page = await open(t, 'demo');
    const spot = await place_of(page, 'handled', 'batch');
    await page.mouse.click(spot.x, spot.y);
    await settled(page);
    assert.match(await page.textContent('#details h2'), /handled batch/);
    const causes = await page.$$eval('.causes li', (all) =>
      all.map((x) => x.textContent));
    assert.match(causes.at(-1), /sent batch/);
    assert.ok(causes.some((x) => /sent agent_signal/.test(x)), causes.join('\n'));
    await page.click('.effects li button');
    await settled(page);
    assert.match(await page.textContent('#details h2'), /sent http_request/);
    assert.match(page.url(), /#process=0&record=\d+/);
    await keep(page, 'clicked');
    // What came of the request: its answer, though nothing recorded says so.
    await press(page, 'ArrowDown');
    const effects = await page.textContent('.effects');
    assert.ok(/http_response/.test(effects)
      || /http_request/.test(await page.textContent('#details h2')), effects);
    await press(page, 'Escape');
    assert.match(await page.textContent('#details'), /Point at a mark/);
    assert.deepEqual(page.troubles, []);
  });

test('an address says what is looked at', async (t) => {
  const first = await open(t, 'demo');
  const record = await first.evaluate(() => {
    const {model} = globalThis.timeline;
    return model.sequence[model.data.events[3].winner_at];
  });
  const page = await open(t, 'demo',
    {hash: `#process=0&record=${record}`});
  assert.match(await page.textContent('#details'), new RegExp(`record${record}`));
  assert.match(await title(page), /Event 4/);
});

test('keys go to missed flushes, events, records; zoom, fit, help',
  async (t) => {
    const page = await open(t, 'missed');
    assert.match(await title(page), /Event 2:/);
    await press(page, 'n');
    assert.match(await title(page), /Event 3:/);
    await press(page, 'N', 'k');
    assert.match(await title(page), /Event 1:/);
    await press(page, 'j', 'j');
    assert.match(await title(page), /Event 3:/);

    const span = () => page.evaluate(() => {
      const {view} = globalThis.timeline;
      return [view.from, view.to];
    });
    const [from, to] = await span();
    await press(page, '+');
    const [zoomed_from, zoomed_to] = await span();
    assert.ok(zoomed_to - zoomed_from < (to - from) * 0.7);
    await press(page, 'l');
    assert.ok((await span())[0] > zoomed_from);
    await press(page, '-', '-', 'f');
    assert.deepEqual((await span()).map(Math.round), [from, to].map(Math.round));
    await press(page, 'a');
    assert.ok((await span())[1] - (await span())[0] > (to - from) * 10);
    await press(page, 'f', 'ArrowRight', 'ArrowRight');
    const second = await page.textContent('#details dl');
    await press(page, 'ArrowLeft');
    assert.notEqual(await page.textContent('#details dl'), second);
    await press(page, 'ArrowUp');
    assert.ok(await page.textContent('#details h2'));

    await press(page, '?');
    assert.ok(await page.isVisible('#keys'));
    await keep(page, 'help');
    await press(page, 'Escape');
    assert.ok(!await page.isVisible('#keys'));
    await press(page, 'p');
    assert.ok(await page.locator('[data-lane="http_client"].lane').count() === 0);
    await press(page, 'p');
    assert.ok(await page.locator('[data-lane="http_client"].lane').count() === 1);
    assert.deepEqual(page.troubles, []);
  });

test('a click on the bar of another event goes there', async (t) => {
  const page = await open(t, 'demo', {hash: '#process=0&event=2'});
  await press(page, 'a');
  const spot = await page.evaluate(() => {
    const {chart, model} = globalThis.timeline;
    const event = model.data.events[3];
    const box = chart.svg.getBoundingClientRect();
    return [box.left + (chart.x(event.first) + chart.x(event.end)) / 2,
      box.top + chart.rows.ribbon];
  });
  await page.mouse.click(...spot);
  await settled(page);
  assert.match(await title(page), /^Event 4: /);
});

test('several processes stand side by side', async (t) => {
  const page = await open(t, 'several');
  assert.equal(await page.locator('#strip .process').count(), 2);
  assert.match(await title(page), /Event 2: flush delayed/);
  const process = () => page.evaluate(() =>
    globalThis.timeline.models.indexOf(globalThis.timeline.model));
  assert.equal(await process(), 0);
  await page.locator('#strip button[data-process="1"]').first().click();
  assert.equal(await process(), 1);
  assert.match(await title(page), /Event 1:/);
  await press(page, 'k');
  assert.equal(await process(), 0);
  assert.deepEqual(page.troubles, []);
});

test('true time makes distances true', async (t) => {
  const page = await open(t, 'missed', {hash: '#process=0&event=2'});
  const share = () => page.evaluate(() => {
    const {model, chart} = globalThis.timeline;
    const event = model.data.events[1];
    const x = (i) => chart.x(i);
    return (x(event.flush_end) - x(event.flush_begin))
      / (x(event.end) - x(event.first));
  });
  const roomy = await share();
  await press(page, 's');
  // 500 ms of about 510 ms are the flush's.
  assert.ok(await share() > 0.9 && roomy < 0.7, `${roomy}, ${await share()}`);
  assert.equal(await page.getAttribute('#scale', 'aria-pressed'), 'true');
  await keep(page, 'true_time');
});

test('search finds records one after the other', async (t) => {
  const page = await open(t, 'demo');
  await press(page, '/');
  await page.keyboard.type('event/next');
  await page.waitForFunction(() => document.getElementById('found').value !== '');
  assert.match(await page.inputValue('#search'), /event\/next/);
  const count = Number(await page.evaluate(
    () => document.getElementById('found').value));
  assert.ok(count >= 5, `${count} found`); // one for each event
  await press(page, 'Enter');
  assert.match(await page.textContent('#details code'), /event\/next/);
  const first = await page.textContent('#details dl');
  await press(page, 'Enter');
  assert.notEqual(await page.textContent('#details dl'), first);
});

test('the wheel zooms with Ctrl, and dragging moves', async (t) => {
  const page = await open(t, 'demo');
  const size = () => page.evaluate(() =>
    globalThis.timeline.view.to - globalThis.timeline.view.from);
  const from = () => page.evaluate(() => globalThis.timeline.view.from);
  const box = await page.locator('#chart svg').boundingBox();
  const [x, y] = [box.x + 700, box.y + 250];
  const whole = await size();
  await page.mouse.move(x, y);
  await page.keyboard.down('Control');
  await page.mouse.wheel(0, -200);
  await page.keyboard.up('Control');
  await page.waitForFunction((was) =>
    globalThis.timeline.view.to - globalThis.timeline.view.from < was, whole);
  const begin = await from();
  await page.mouse.down();
  await page.mouse.move(x - 200, y, {steps: 5});
  await page.mouse.up();
  await settled(page);
  assert.ok(await from() > begin);
});

for (const [scheme, other] of [['light', 'dark'], ['dark', 'light']])
  test(`it is ${scheme} where the system is, and can be ${other}`, async (t) => {
    const page = await open(t, 'demo', {colorScheme: scheme});
    const brightness = (selector, what) => page.$eval(selector, (x, name) => {
      const [r, g, b] = getComputedStyle(x)[name].match(/\d+/g).map(Number);
      return (r + g + b) / 3;
    }, what);
    const is_dark = async () => await brightness('.chart', 'backgroundColor')
      < await brightness('h1', 'color');
    assert.equal(await is_dark(), scheme === 'dark');
    await keep(page, scheme);
    await press(page, 't');
    assert.equal(await is_dark(), scheme === 'light');
  });

// WCAG 2.1, 1.4.3: 4.5 to 1 for text of this size.
for (const scheme of ['light', 'dark'])
  test(`text has contrast enough: ${scheme}`, async (t) => {
    const page = await open(t, 'demo', {colorScheme: scheme});
    const weak = await page.evaluate(() => {
      const style = getComputedStyle(document.documentElement);
      const light = (name) => {
        const hex = style.getPropertyValue(name).trim().slice(1);
        const [r, g, b] = [0, 2, 4].map((at) => {
          const x = parseInt(hex.slice(at, at + 2), 16) / 255;
          return x <= 0.04045 ? x / 12.92 : ((x + 0.055) / 1.055) ** 2.4;
        });
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
      };
      const ratio = (a, b) => (Math.max(light(a), light(b)) + 0.05)
        / (Math.min(light(a), light(b)) + 0.05);
      const pairs = [['--ink', '--paper'], ['--soft', '--paper'],
        ['--soft', '--panel'], ['--soft', '--wash'], ['--accent', '--panel'],
        ['--accent', '--wash'], ['--bad', '--panel'], ['--bad', '--bad-wash'],
        ['--good', '--panel'], ['--good', '--good-wash'],
        ['--held', '--panel'], ['--held', '--held-wash'], ['--panel', '--bad'],
        ['--panel', '--good'], ['--soft', '--ice'], ['--after', '--panel']];
      return pairs.map(([a, b]) => `${a} on ${b}: ${ratio(a, b).toFixed(2)}`)
        .filter((x) => Number(x.split(': ')[1]) < 4.5);
    });
    assert.deepEqual(weak, []);
  });

test('it can be read on a telephone', async (t) => {
  const page = await open(t, 'demo', {viewport: narrow});
  assert.ok(await page.evaluate(() => document.documentElement.scrollWidth
    <= innerWidth), 'nothing is wider than the screen');
  const names = await page.$$eval('.names text', (all) => all.map((x) => {
    const box = x.getBoundingClientRect();
    return [x.textContent, box.left, box.right,
      parseFloat(getComputedStyle(x).fontSize)];
  }));
  for (const [text, left, right, size] of names) {
    assert.ok(left >= 0 && right <= narrow.width, `${text} is cut`);
    assert.ok(size >= 10, `${text} is tiny`);
  }
  assert.ok(names.some(([text]) => text === 'apm forwarder'));
  for (const box of await page.$$eval('#events td', (all) => all.map((x) =>
    x.getBoundingClientRect().right)))
    assert.ok(box <= narrow.width, 'the table of events fits');
  const spot = await place_of(page, 'handled', 'lambda_event');
  await page.mouse.click(spot.x, spot.y);
  assert.match(await page.textContent('#details h2'), /handled lambda_event/);
  assert.ok(await page.$eval('#details code', (x) =>
    x.getBoundingClientRect().right) <= narrow.width, 'a record fits');
  await page.evaluate(() => scrollTo(0, 0));
  await keep(page, 'narrow');
  await page.evaluate(() => document.getElementById('chart').scrollIntoView());
  await keep(page, 'narrow_chart');
  assert.deepEqual(page.troubles, []);
});

test('without script its tables say the same', async (t) => {
  const page = await open(t, 'demo', {javaScriptEnabled: false});
  const rows = await page.locator('#events tbody tr').allTextContents();
  assert.equal(rows.length, 5);
  assert.match(rows[1], /2invoke.*delayed[a-z_.0-9]*110011.*were still held/);
  assert.match(rows[4], /5shutdown/);
  assert.ok(await page.locator('.still').isVisible());
  assert.ok(!await page.locator('#picture').isVisible());
  const records = page.locator('#records-0-2');
  await records.locator('summary').click();
  assert.ok(await records.locator('tbody tr').count() > 50);
  assert.match(await records.textContent(), /verdict.*outcomes=2/);
  assert.match(await page.locator('.settings').textContent(),
    /ELASTIC_APM_LAMBDA_TRACE=all/);
  await keep(page, 'without_script');
});

test('a row of the table leads to the event', async (t) => {
  const page = await open(t, 'demo');
  await page.click('#events tr[data-event="4"]');
  await settled(page);
  assert.match(await title(page), /^Event 4: /);
  assert.equal(await page.textContent('#said'), await page.textContent(
    '#events tr[data-event="4"] td.said'));
});

test('a page of 10 000 records is under 1 MB, and opens', async (t) => {
  const bytes = fs.statSync(`${PAGES}/long.html`).size;
  const begin = process.hrtime.bigint();
  const page = await open(t, 'long');
  const ms = Number(process.hrtime.bigint() - begin) / 1e6;
  const count = await page.evaluate(() => globalThis.timeline.model.count);
  const drawn = await page.evaluate(() => {
    const {chart, view} = globalThis.timeline;
    const from = performance.now();
    chart.draw(view);
    return performance.now() - from;
  });
  const ready = await page.getAttribute('html', 'data-ready');
  t.diagnostic(`${count} records, ${bytes} bytes; ready ${ready} ms after it was `
    + `opened, ${Math.round(ms)} ms with a new window; drawn in ${
      drawn.toFixed(1)} ms`);
  assert.ok(count > 10000, `${count} records`);
  assert.ok(bytes < 1e6, `${bytes} bytes`);
  await press(page, 'a');
  await keep(page, 'long');
  assert.deepEqual(page.troubles, []);
});

test('a hostile trace stays text', async (t) => {
  const page = await open(t, 'hostile');
  for (let n = 0; n < 9; ++n)
    await press(page, 'j', 'ArrowRight', 'ArrowRight', 'ArrowRight');
  await press(page, 'a', 's', 'p', 'p', 'f');
  assert.equal(await page.evaluate(() => globalThis.broken), undefined);
  assert.equal(await page.locator('img, iframe, object, embed, a').count(), 0);
  assert.equal(await page.locator('script').count(), 2);
  assert.match(await page.textContent('#events'), /<img src=x onerror/);
  assert.match(await page.textContent('.settings'), /<\/script><script>/);
  await keep(page, 'hostile');
  assert.deepEqual(page.troubles, []);
});

test('no script but its own runs, and nothing may ask the network',
  async (t) => {
    const page = await open(t, 'demo');
    const refused = await page.evaluate(async () => {
      const found = [];
      document.addEventListener('securitypolicyviolation',
        (x) => found.push(x.effectiveDirective));
      const image = new Image();
      image.src = 'http://127.0.0.1:9/x.png';
      const script = document.createElement('script');
      try {
        script.textContent = 'globalThis.broken = 1';
      } catch (x) {
        found.push(`trusted types: ${x.name}`);
      }
      document.body.append(image, script);
      await fetch('http://127.0.0.1:9/').catch(() => {});
      await new Promise((done) => setTimeout(done, 50));
      return found;
    });
    assert.equal(await page.evaluate(() => globalThis.broken), undefined);
    assert.ok(refused.includes('img-src'), refused.join());
    assert.ok(refused.includes('connect-src'), refused.join());
    assert.ok(refused.some((x) => /script|trusted/.test(x)), refused.join());
  });

test('it can be used with the keyboard and read aloud', async (t) => {
  const page = await open(t, 'demo');
  const nameless = await page.$$eval('button, input, svg[tabindex]', (all) => all
    .filter((x) => !(x.textContent.trim() || x.getAttribute('aria-label')
      || x.labels?.[0]?.textContent.trim()))
    .map((x) => x.outerHTML));
  assert.deepEqual(nameless, []);
  const reached = new Set();
  for (let n = 0; n < 25; ++n) {
    await press(page, 'Tab');
    reached.add(await page.evaluate(() => document.activeElement.id
      || document.activeElement.closest('[id]')?.id));
  }
  for (const id of ['search', 'theme', 'help', 'chart'])
    assert.ok(reached.has(id), `${id} in ${[...reached]}`);
  assert.equal(await page.getAttribute('#details', 'aria-live'), 'polite');
});
