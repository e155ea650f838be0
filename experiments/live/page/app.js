/** Shows what the server sends twice a second, and tells it which button was pressed. */

const kept = 120;
const minMs = 10;
const maxMs = 20_000;
const settled = new Set(['confirmed', 'cancelled', 'rejected', 'expired', 'refunded']);

const find = (selector, within = document) => within.querySelector(selector);
const create = (name, properties = {}, ...children) => {
  const element = Object.assign(document.createElement(name), properties);
  element.append(...children);
  return element;
};
/** Only what has changed, so that screen readers are told once. */
const write = (element, text) => {
  if (element.textContent !== text) element.textContent = text;
};
const duration = (ms) =>
  ms === null || ms === undefined
    ? '–'
    : ms < 1_000
      ? `${Math.round(ms)} ms`
      : `${(ms / 1_000).toFixed(1)} s`;
const rate = (number) => `${number.toFixed(1)}/s`;

const histories = new Map();
for (const name of ['monolith', 'services']) {
  find(`#${name}`).append(find('#shop').content.cloneNode(true));
  histories.set(name, []);
}

const fault = find('#fault');
const press = async (name) => {
  write(fault, name === 'repair' ? 'Repairing …' : 'Breaking it …');
  const response = await fetch(`/story/actions/${name}`, { method: 'POST' }).catch(() => undefined);
  if (!response?.ok) write(fault, (await response?.text()) ?? 'The story does not respond.');
};

const buttons = new Map();
const showButtons = (known) => {
  if (buttons.size > 0) return;
  for (const { name, button: label } of known) {
    const button = create('button', { type: 'button', textContent: label, onclick: () => press(name) });
    button.setAttribute('aria-pressed', 'false');
    const link = (what, text) => {
      const anchor = create('a', { href: `/story/${what}/${name}`, textContent: text });
      anchor.setAttribute('aria-label', `${text} of “${label}”`);
      return anchor;
    };
    buttons.set(name, button);
    find('#buttons').append(
      create('li', {}, button, create('p', {}, link('reports', 'Report'), link('code', 'Code'))),
    );
  }
  const repair = create('button', { type: 'button', className: 'repair', textContent: 'Repair' });
  repair.addEventListener('click', () => press('repair'));
  find('#buttons').append(create('li', {}, repair));
};

const showFault = ({ buttons: known, broken, leftMs, isStarting, busy }) => {
  for (const [name, button] of buttons) button.setAttribute('aria-pressed', String(name === broken));
  if (isStarting) return write(fault, 'Both shops are being started, which takes about half a minute …');
  const { done } = known.find(({ name }) => name === broken) ?? {};
  if (done && leftMs > 0) write(fault, `${done} It is repaired by itself within half a minute.`);
  else if (busy) write(fault, 'Repairing …');
  else write(fault, 'Nothing is broken.');
};

const showHistory = (svg, history) => {
  const width = 360 / kept;
  svg.replaceChildren(
    ...history.map(({ p50Ms, mood }, index) => {
      const rect = document.createElementNS('http://www.w3.org/2000/svg', 'rect');
      const part = Math.log(Math.max(minMs, p50Ms ?? minMs) / minMs) / Math.log(maxMs / minMs);
      const height = 3 + 57 * Math.min(1, part);
      const values = {
        x: (index + kept - history.length) * width,
        y: 60 - height,
        width: width * 0.8,
        height,
      };
      for (const [name, value] of Object.entries(values)) rect.setAttribute(name, value.toFixed(1));
      rect.dataset.mood = mood;
      return rect;
    }),
  );
};

const showShop = (name, shop) => {
  const section = find(`#${name}`);
  section.dataset.mood = shop.mood;
  write(find('.sentence', section), shop.sentence);
  const turnedAway = shop.shedPerSecond > 0 ? `, ${rate(shop.shedPerSecond)} turned away` : '';
  const waiting = shop.mailsDue > 0 ? `, ${shop.mailsDue} on their way` : '';
  const numbers = {
    requests: rate(shop.requestsPerSecond),
    failures: rate(shop.failuresPerSecond),
    p50: duration(shop.p50Ms),
    p99: duration(shop.p99Ms),
    orders: `${shop.confirmed} confirmed, ${shop.pending} pending${turnedAway}`,
    mails: `${shop.mailed} arrived${waiting}`,
  };
  for (const [key, text] of Object.entries(numbers)) write(find(`[data-number=${key}]`, section), text);
  find('.orders', section).replaceChildren(
    ...shop.orders.map(({ id, state }) => {
      const word = create('b', {
        textContent: settled.has(state) ? state : 'pending',
        className: settled.has(state) ? 'final' : 'pending',
      });
      return create('li', {}, word, ` ${id.slice(-6)}`);
    }),
  );
  find('.mails', section).replaceChildren(
    ...shop.mails.map(({ subject }) => create('li', { textContent: subject, title: subject })),
  );
  const history = histories.get(name);
  history.push({ p50Ms: shop.p50Ms, mood: shop.mood });
  history.splice(0, history.length - kept);
  showHistory(find('svg', section), history);
};

const events = new EventSource('/story/events');
events.addEventListener('message', ({ data }) => {
  const state = JSON.parse(data);
  showButtons(state.buttons);
  showFault(state);
  for (const name of histories.keys()) if (state[name]) showShop(name, state[name]);
});
events.addEventListener('error', () => write(fault, 'The story does not respond; it may have ended.'));
