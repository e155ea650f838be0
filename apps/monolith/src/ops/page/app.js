// Shows what /ops/data says, once a second while the page is looked at. No library, and no markup from data.
const $ = (id) => document.getElementById(id);

/** @returns an element; `attributes` may hold `text` and `width` (CSS, which a style attribute may not set here) */
function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name === 'text') element.textContent = value;
    else if (name === 'width' || name === 'left' || name === 'paddingLeft') element.style[name] = value;
    else if (value !== undefined && value !== false) element.setAttribute(name, value);
  }
  element.append(...children);
  return element;
}

/** Changes a place only when what it shows differs, so that focus, selection and scrolling stay. */
const shown = new Map();
function show(id, what, draw) {
  const key = JSON.stringify(what);
  if (shown.get(id) === key) return;
  shown.set(id, key);
  $(id).replaceChildren(...draw());
}

const count = (value) => value.toLocaleString('en', { maximumFractionDigits: 0 });
const rate = (value) => (value === 0 ? '0' : value < 10 ? value.toFixed(1) : count(value));
const milliseconds = (value) => {
  if (value === undefined || value === null) return '–';
  if (value >= 10_000) return `${(value / 1000).toFixed(1)} s`;
  if (value >= 1000) return `${(value / 1000).toFixed(2)} s`;
  return value >= 10 ? `${value.toFixed(0)} ms` : `${value.toFixed(1)} ms`;
};
const seconds = (value) => {
  if (value >= 172_800) return `${Math.floor(value / 86_400)} days`;
  if (value >= 7200) return `${Math.floor(value / 3600)} h`;
  if (value >= 120) return `${Math.floor(value / 60)} min`;
  return value >= 10 ? `${value.toFixed(0)} s` : milliseconds(value * 1000);
};
const clock = (at) => new Date(at).toLocaleTimeString('en-GB');
const words = (name) => name.replaceAll('_', ' ');
const empty = (text, code) =>
  make('p', { class: 'empty', text }, ...(code ? [make('code', { text: code })] : []));
const cell = (text, kind = '') => make('td', { text, class: kind || undefined });
const number = (text, kind = '') => cell(text, `number ${kind}`);
const toneOf = (status) => (status >= 500 ? 'bad' : status >= 400 ? 'warm' : 'good');

/** Roles are said, because a narrow screen shows rows as cards, which CSS would make no table any more. */
function table(columns, rows) {
  for (const row of rows) {
    row.setAttribute('role', 'row');
    for (const [index, each] of [...row.children].entries()) {
      each.setAttribute('role', each.tagName === 'TH' ? 'rowheader' : 'cell');
      each.dataset.column = columns[index].replace('#', '');
    }
  }
  const head = columns.map((column) =>
    make('th', {
      scope: 'col',
      role: 'columnheader',
      text: column.replace('#', ''),
      class: column.startsWith('#') && 'number',
    }),
  );
  return [
    make('thead', { role: 'rowgroup' }, make('tr', { role: 'row' }, ...head)),
    make('tbody', { role: 'rowgroup' }, ...rows),
  ];
}
const rowHead = (text, kind) => make('th', { scope: 'row', text, class: kind });

function showTiles(data) {
  const last = data.timeline.slice(-5);
  const mean = (read) => last.reduce((sum, each) => sum + read(each), 0) / Math.max(1, last.length);
  const perSecond = mean((each) => each.perSecond);
  const failing = mean((each) => each.errorsPerSecond);
  const latest = last.findLast((each) => each.p99Ms !== undefined);
  const open = data.peers.filter(({ breaker }) => breaker !== 'closed').length;
  const dead = data.groups.reduce((sum, { deadLetters }) => sum + deadLetters, 0);
  const inFlight = data.services.find(({ service }) => service === 'gateway')?.inFlight ?? 0;
  const { eventLoopDelayMs, residentBytes } = data.process;
  const share = perSecond > 0 ? (100 * failing) / perSecond : 0;
  const tiles = [
    ['requests a second', rate(perSecond)],
    ['5xx answers', share === 0 ? '0' : share.toFixed(1), '%', share > 0 && 'bad'],
    ['median', milliseconds(latest?.medianMs)],
    ['99th percentile', milliseconds(latest?.p99Ms)],
    ['in flight', count(inFlight)],
    ['breakers not closed', count(open), '', open > 0 && 'bad'],
    ['dead letters', count(dead), '', dead > 0 && 'bad'],
    ['event loop, 99th', milliseconds(eventLoopDelayMs), '', eventLoopDelayMs > 100 && 'warm'],
    ['memory', count(residentBytes / 2 ** 20), 'MiB'],
  ];
  show('tiles', tiles, () =>
    tiles.map(([label, value, unit = '', tone]) =>
      make(
        'div',
        { class: 'tile' },
        make('b', { class: tone || undefined, text: value }, unit ? make('small', { text: ` ${unit}` }) : ''),
        make('span', { text: label }),
      ),
    ),
  );
}

const svg = (tag, attributes, text = '') => {
  const element = document.createElementNS('http://www.w3.org/2000/svg', tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.textContent = text;
  return element;
};

/** A round number that is at least `value`. */
function ceiling(value) {
  const power = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 2.5, 5, 10].map((step) => step * power).find((step) => step >= value) ?? value;
}

const cursors = new Map();
const chartMs = 300_000;

/** Scales say what to mark, and where between 0 (bottom) and 1 (top) a value is. */
function linearScale(values) {
  const most = ceiling(Math.max(1, ...values));
  return { most, ticks: [0, most / 2, most], share: (value) => value / most };
}

/** Latencies differ by orders of magnitude: one slow answer must not flatten all others. From 1 ms on. */
function logarithmicScale(values) {
  const decades = Math.max(2, Math.ceil(Math.log10(Math.max(1, ...values))));
  return {
    most: 10 ** decades,
    ticks: Array.from({ length: decades + 1 }, (_, power) => 10 ** power),
    share: (value) => Math.log10(Math.max(1, value)) / decades,
  };
}

/** Lines over the last five minutes. @param lines {read, kind, area} each; a gap where there was nothing to measure */
function drawChart(id, points, now, lines, format, scaleOf) {
  const chart = $(`${id}-chart`);
  const width = chart.clientWidth || 600;
  const [height, left, bottom] = [150, 46, 18];
  const { most, ticks, share } = scaleOf(
    points.flatMap((point) => lines.map(({ read }) => read(point) ?? 0)),
  );
  const x = (at) => left + (width - left) * (1 - (now - at) / chartMs);
  const y = (value) => 6 + (height - bottom - 6) * (1 - share(value));
  const parts = [];
  for (const tick of ticks) {
    parts.push(svg('line', { class: 'grid', x1: left, x2: width, y1: y(tick), y2: y(tick) }));
    parts.push(svg('text', { x: left - 6, y: y(tick) + 4, 'text-anchor': 'end' }, format(tick)));
  }
  for (const minutes of [5, 4, 3, 2, 1, 0]) {
    const anchor = minutes === 5 ? 'start' : minutes === 0 ? 'end' : 'middle';
    const text = minutes === 0 ? 'now' : `${minutes} min`;
    parts.push(svg('text', { x: x(now - minutes * 60_000), y: height - 2, 'text-anchor': anchor }, text));
  }
  const seen = points.filter(({ at }) => now - at <= chartMs);
  for (const { read, kind, area } of lines) {
    let path = '';
    let pen = 'M';
    for (const point of seen) {
      const value = read(point);
      if (value === undefined) pen = 'M';
      else {
        // A lone point would be invisible: a line of no length with a round cap is not.
        path += `${pen}${x(point.at).toFixed(1)} ${y(value).toFixed(1)}${pen === 'M' ? 'h1' : ''}`;
        pen = 'L';
      }
    }
    if (path && area)
      parts.push(svg('path', { class: 'area', d: `${path}V${y(0)}H${x(seen[0].at).toFixed(1)}Z` }));
    if (path) parts.push(svg('path', { class: kind, d: path }));
  }
  const cursor = cursors.get(id);
  const at = cursor === undefined ? undefined : now - chartMs * (1 - (cursor - left) / (width - left));
  const nearest =
    at === undefined
      ? undefined
      : seen.toSorted((one, other) => Math.abs(one.at - at) - Math.abs(other.at - at))[0];
  if (nearest)
    parts.push(
      svg('line', { class: 'cursor', x1: x(nearest.at), x2: x(nearest.at), y1: 0, y2: height - bottom }),
    );
  const read = (point) => lines.map((line) => format(line.read(point) ?? 0)).join(' · ');
  $(`${id}-read`).textContent = nearest ? `${clock(nearest.at)}  ${read(nearest)}` : '';
  if (seen.length > 0) chart.setAttribute('aria-label', `Now ${read(seen.at(-1))}, at most ${format(most)}`);
  chart.setAttribute('viewBox', `0 0 ${width} ${height}`);
  chart.replaceChildren(...parts);
}

function showCharts({ timeline, at }) {
  drawChart(
    'rate',
    timeline,
    at,
    [
      { read: (point) => point.perSecond, kind: 'ok', area: true },
      { read: (point) => point.errorsPerSecond || undefined, kind: 'bad' },
    ],
    rate,
    linearScale,
  );
  drawChart(
    'latency',
    timeline,
    at,
    [
      { read: (point) => point.medianMs, kind: 'ok' },
      { read: (point) => point.p99Ms, kind: 'warm' },
    ],
    (value) => (value >= 1000 ? `${Math.round(value / 10) / 100} s` : `${Math.round(value * 10) / 10} ms`),
    logarithmicScale,
  );
}

/** A link may lead to one trace: `/ops?trace=ID`. */
const asked = new URLSearchParams(location.search).get('trace') ?? undefined;
const chosen = { traces: 'requests', routes: 'gateway', trace: asked, picked: asked !== undefined };
/** The trace that is looked at stays, also when newer ones have pushed it out. */
let kept;

const wanted = {
  requests: ({ service, status }) => service === 'gateway' && status !== undefined,
  slow: ({ answeredMs }) => answeredMs >= 100,
  failed: ({ failed }) => failed,
  all: () => true,
};

function showTraces({ traces }) {
  const list = traces.filter(wanted[chosen.traces]);
  const byId = (id) => traces.find(({ traceId }) => traceId === id);
  // Until one is chosen, the one that says most; and then that one, for as long as it is among the latest.
  chosen.trace ??= list.toSorted((one, other) => other.spans.length - one.spans.length)[0]?.traceId;
  kept = byId(chosen.trace) ?? (chosen.picked ? kept : undefined);
  if (!kept && !chosen.picked) chosen.trace = undefined;
  const current = kept;
  const rows = list.map(({ traceId, start, status, failed, name, answeredMs }) => [
    traceId,
    clock(start),
    status ?? (failed ? '!' : '·'),
    failed,
    name,
    milliseconds(answeredMs),
  ]);
  show('trace-list', [rows, current?.traceId], () => {
    const focused = document.activeElement?.dataset?.trace;
    const items = rows.map(([id, time, status, failed, name, duration]) =>
      make(
        'li',
        {},
        make(
          'button',
          { type: 'button', 'data-trace': id, 'aria-pressed': String(id === current?.traceId) },
          make('span', { class: 'dim', text: time }),
          make('span', { class: failed ? 'bad' : toneOf(status), text: status }),
          make('span', { class: 'name mono', text: name }),
          make('span', { text: duration }),
        ),
      ),
    );
    if (focused)
      queueMicrotask(() =>
        document.querySelector(`[data-trace="${focused}"]`)?.focus({ preventScroll: true }),
      );
    if (items.length > 0) return items;
    return [
      make(
        'li',
        {},
        traces.length === 0 ? nothingYet() : empty('None of the latest traces is of this kind.'),
      ),
    ];
  });
  show('trace', [current?.traceId, current?.spans.length], () => {
    if (current) return waterfall(current);
    return chosen.picked
      ? [empty('This trace is no longer kept: only those of the latest requests are.')]
      : [];
  });
}

const nothingYet = () =>
  empty(
    'Nothing has been asked for yet. Ask for something:',
    `curl '${location.origin}/api/v1/products?limit=3'`,
  );

function waterfall({ traceId, name, start, durationMs, answeredMs, failed, spans, omitted }) {
  const percent = (part) => `${Math.min(100, (100 * part) / Math.max(durationMs, 0.001)).toFixed(2)}%`;
  const rows = spans.map((span) =>
    make(
      'li',
      {
        class: `${span.failed ? 'failed' : ''} ${span.kind === 'client' && !span.name.includes('/') ? 'database' : ''}`,
        'data-service': span.service,
        title: [span.name, `${span.service}, ${span.kind}`, ...span.events].join('\n'),
      },
      make(
        'span',
        { class: 'what', paddingLeft: `${Math.min(span.depth, 10) * 12}px` },
        make('b', { text: span.service }),
        make('span', { class: 'mono', text: span.name }),
        span.failed ? make('span', { class: 'bad', text: ` ${span.status ?? ''} failed` }) : '',
      ),
      make(
        'span',
        { class: `lane ${span.failed ? 'failed' : ''}`, 'aria-hidden': 'true' },
        make('i', { left: percent(span.offsetMs), width: percent(span.durationMs) }),
      ),
      make('span', { class: 'number', text: milliseconds(span.durationMs) }),
    ),
  );
  const after =
    durationMs - answeredMs < 1
      ? milliseconds(durationMs)
      : `answered after ${milliseconds(answeredMs)}, all done after ${milliseconds(durationMs)}`;
  const about = `${clock(start)} · ${after} · ${spans.length} spans${omitted ? `, ${omitted} more` : ''} · trace ${traceId}`;
  return [
    make('h3', { class: failed ? 'bad' : undefined, text: failed ? `${name} (a part failed)` : name }),
    make('p', { class: 'dim', text: about }),
    make('ol', { class: 'waterfall', 'aria-label': 'Spans in the order they were caused' }, ...rows),
  ];
}

function showRoutes({ routes }) {
  const list = routes
    .filter(({ service }) => (service === 'gateway') === (chosen.routes === 'gateway'))
    .sort((one, other) => other.requests - one.requests || other.requestsSinceStart - one.requestsSinceStart);
  const columns = ['Service', 'Route', '#Per second', 'Answers', '#Median', '#99th', '#Since start'];
  if (chosen.routes === 'gateway') columns.shift();
  show('routes', list, () => {
    if (list.length === 0) return [make('caption', {}, nothingYet())];
    return table(
      columns,
      list.map((route) =>
        make(
          'tr',
          { class: route.requests === 0 && 'idle' },
          ...(chosen.routes === 'gateway' ? [] : [rowHead(route.service)]),
          rowHead(`${route.method} ${route.route}`, 'mono'),
          number(rate(route.perSecond)),
          make(
            'td',
            {},
            ...Object.entries(route.statuses).map(([status, times]) =>
              make('span', {
                class: `status ${toneOf(Number(status))}`,
                text: `${status} × ${count(times)}`,
              }),
            ),
          ),
          number(milliseconds(route.medianMs)),
          number(milliseconds(route.p99Ms)),
          number(count(route.requestsSinceStart)),
        ),
      ),
    );
  });
}

const tones = {
  confirmed: 'good',
  needs_attention: 'bad',
  cancelled: 'done',
  rejected: 'done',
  expired: 'done',
  refunded: 'done',
};

/** The states of an order that goes well, which are shown also while no order is in them. */
const usualWay = new Set(['placed', 'reserved', 'authorised', 'committed', 'confirmed']);

function showSagas({ sagas }) {
  const some = sagas.filter(({ state, orders }) => orders > 0 || usualWay.has(state));
  const most = Math.max(1, ...some.map(({ orders }) => orders));
  show('sagas', some, () => {
    if (some.every(({ orders }) => orders === 0))
      return [empty('No orders yet. What npm start printed buys something.')];
    const items = some.map(({ state, settled, orders, oldestSeconds }) =>
      make(
        'li',
        { 'data-tone': tones[state] ?? 'open' },
        make('span', { text: words(state) }),
        make(
          'span',
          { class: 'track', 'aria-hidden': 'true' },
          make('i', { width: `${(100 * orders) / most}%` }),
        ),
        make('b', { class: 'number', text: count(orders) }),
        make('span', {
          class: 'dim age',
          text: settled ? 'since start' : orders > 0 ? `oldest ${seconds(oldestSeconds)}` : 'now',
        }),
      ),
    );
    return [make('ul', { class: 'sagas' }, ...items)];
  });
}

function meter(part, whole) {
  const share = whole > 0 ? Math.min(1, part / whole) : 0;
  return make(
    'span',
    { class: share >= 1 ? 'meter full' : 'meter', 'aria-hidden': 'true' },
    make('i', { width: `${100 * share}%` }),
  );
}
const ofLimit = (part, whole) => make('td', {}, meter(part, whole), `${count(part)} of ${count(whole)}`);

function showServices({ services }) {
  show('services', services, () =>
    table(
      ['Service', 'Admitted', '#Shed', '#Unsent events', '#Oldest', '#Parked'],
      services.map((service) =>
        make(
          'tr',
          {},
          rowHead(service.service),
          service.concurrencyLimit > 0
            ? ofLimit(service.admitted, service.concurrencyLimit)
            : cell(`${count(service.inFlight)} in flight`),
          number(count(service.overloadRejections), service.overloadRejections > 0 ? 'warm' : ''),
          ...(service.hasOutbox
            ? [
                number(count(service.unsent)),
                number(
                  service.unsent > 0 ? seconds(service.oldestUnsentSeconds) : '–',
                  service.oldestUnsentSeconds > 30 ? 'bad' : '',
                ),
                number(count(service.parked), service.parked > 0 ? 'bad' : ''),
              ]
            : [number('–'), number('–'), number('–')]),
        ),
      ),
    ),
  );
}

function showPeers({ peers }) {
  show('peers', peers, () => {
    if (peers.length === 0) return [make('caption', {}, empty('No service has called another one yet.'))];
    return table(
      ['From → to', 'Breaker', 'Calls', '#Waiting', '#Turned away', '#Retries'],
      peers.map((peer) =>
        make(
          'tr',
          {},
          rowHead(`${peer.service} → ${peer.peer}`),
          cell(peer.breaker, { closed: 'good', open: 'bad' }[peer.breaker] ?? 'warm'),
          ofLimit(peer.running, peer.runningLimit),
          number(count(peer.waiting)),
          number(count(peer.rejections), peer.rejections > 0 ? 'warm' : ''),
          number(count(peer.retries)),
        ),
      ),
    );
  });
}

function showGroups({ groups }) {
  show('groups', groups, () => {
    if (groups.length === 0) return [make('caption', {}, empty('No event has been delivered yet.'))];
    return table(
      ['Consumer', '#Delivered', '#Lag, 99th', '#Queued', '#Retries', '#Dead letters'],
      groups.map((group) =>
        make(
          'tr',
          {},
          rowHead(group.paused ? `${group.group} (paused)` : group.group),
          number(count(group.delivered)),
          number(group.lagP99Seconds === undefined ? '–' : seconds(group.lagP99Seconds)),
          number(count(group.queued)),
          number(count(group.retries)),
          number(count(group.deadLetters), group.deadLetters > 0 ? 'bad' : ''),
        ),
      ),
    );
  });
}

let latest;
let paused = false;

function render() {
  if (!latest) return;
  $('about').textContent =
    `${latest.version} · up ${seconds((latest.at - latest.process.startedAt) / 1000)} · ${location.host}`;
  for (const part of [
    showTiles,
    showCharts,
    showTraces,
    showRoutes,
    showSagas,
    showServices,
    showPeers,
    showGroups,
  ])
    part(latest);
}

function connection(state, text) {
  const place = $('connection');
  place.dataset.state = state;
  if (place.textContent !== text) place.textContent = text;
}

let lostAt;
async function refresh() {
  if (!paused && !document.hidden) {
    try {
      const asked = chosen.picked ? `?trace=${chosen.trace}` : '';
      const answer = await fetch(`/ops/data${asked}`, { signal: AbortSignal.timeout(5000) });
      if (!answer.ok) throw new Error(String(answer.status));
      latest = await answer.json();
      lostAt = undefined;
      if (!paused) connection('live', 'Live');
      render();
    } catch {
      lostAt ??= Date.now();
      connection('lost', `No answer since ${clock(lostAt)}, trying again`);
    }
  }
  setTimeout(refresh, 1000);
}

$('pause').addEventListener('click', (event) => {
  paused = !paused;
  event.currentTarget.setAttribute('aria-pressed', String(paused));
  connection(paused ? 'paused' : 'waiting', paused ? 'Paused' : 'Connecting…');
});

document.addEventListener('click', ({ target }) => {
  const button = target instanceof Element ? target.closest('button') : undefined;
  const { trace, traces, routes } = button?.dataset ?? {};
  if (trace) Object.assign(chosen, { trace, picked: true });
  if (traces) Object.assign(chosen, { traces, trace: undefined, picked: false });
  if (routes) chosen.routes = routes;
  if (traces || routes)
    for (const other of button.parentElement.children)
      other.setAttribute('aria-pressed', String(other === button));
  if (routes) shown.delete('routes');
  if (trace || traces || routes) render();
});

for (const id of ['rate', 'latency']) {
  $(`${id}-chart`).addEventListener('pointermove', (event) => {
    cursors.set(id, event.offsetX);
    if (latest) showCharts(latest);
  });
  $(`${id}-chart`).addEventListener('pointerleave', () => {
    cursors.delete(id);
    if (latest) showCharts(latest);
  });
}
addEventListener('resize', () => latest && showCharts(latest));

void refresh();
