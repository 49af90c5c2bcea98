/**
 * A development node: speaks docs/wire.md on 127.0.0.1 with a scripted scene, and serves the built console.
 *
 * node dev/node.mjs [--port 8070] [--civil 5000] [--rate 1] [--mode demo|live] [--empty]
 */
import { createHash } from 'node:crypto';
import { createReadStream, existsSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { WebSocketServer } from 'ws';
import { actors, distanceFromCentre, entryIn, RADIUS_M, seen, ZONES } from './scene.mjs';

const { values: options } = parseArgs({
  options: {
    port: { type: 'string', default: '8070' },
    civil: { type: 'string', default: '5000' },
    rate: { type: 'string', default: '1' },
    mode: { type: 'string', default: 'demo' },
    empty: { type: 'boolean', default: false },
  },
});
const WEB = fileURLToPath(new URL('../../src/keepclear/edge/web', import.meta.url));
const TYPES = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.mjs': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
  '.pmtiles': 'application/octet-stream',
};
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; " +
  "worker-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
const NEXT = {
  raised: ['acknowledge', 'close'],
  acknowledged: ['advise', 'warn', 'escalate', 'close'],
  advised: ['advise', 'warn', 'escalate', 'close'],
  warned: ['warn', 'escalate', 'close'],
  escalated: ['warn', 'escalate', 'close'],
  closed: [],
};
const AFTER = { acknowledge: 'acknowledged', advise: 'advised', warn: 'warned', escalate: 'escalated', close: 'closed' };
const TODO = ['Read the position to B-DESK on the line.', 'Note who answered, and when.', 'Tell the duty director if there is no answer in three minutes.'];

const EPOCH_MS = Date.UTC(2018, 8, 6, 9, 0, 0);
const clock = { at_ms: EPOCH_MS, heard: Date.now(), rate: Number(options.rate), paused: false };
const world = options.empty ? [] : actors(Number(options.civil));
const zones = options.empty ? { type: 'FeatureCollection', features: [] } : ZONES;
const entries = [];
const alerts = new Map();

const now = () => clock.at_ms + (clock.paused ? 0 : (Date.now() - clock.heard) * clock.rate);
const iso = (at) => new Date(at).toISOString();
const seconds = () => (now() - EPOCH_MS) / 1000;

function log(kind, body) {
  const hash = createHash('sha256').update(JSON.stringify(body)).update(String(entries.length)).digest('hex');
  entries.push({ index: entries.length, at: iso(now()), kind, hash, body });
}

function setClock({ paused, rate, seek }) {
  const at = seek ? Date.parse(seek) : now();
  Object.assign(clock, { at_ms: at, heard: Date.now(), rate: rate ?? clock.rate, paused: paused ?? clock.paused });
}

function node() {
  return {
    name: 'Tanf watch',
    party: 'A',
    version: '0.1.0',
    now: iso(now()),
    rate: clock.rate,
    paused: clock.paused,
    mode: options.mode,
    started: iso(EPOCH_MS - 3_600_000),
    record: { size: entries.length, root: entries.at(-1)?.hash ?? '' },
    story: [
      { at: iso(Date.UTC(2018, 8, 1, 9)), words: 'B announces over the line that it will enter the zone to pursue terrorists.' },
      { at: iso(Date.UTC(2018, 8, 6, 8)), words: 'By a written note B announces precision strikes inside the zone. It is advised to stay out.' },
    ],
    guide: [
      'Press "Start the watch" and type a name: it signs your steps.',
      'Open the alarm on the left. Press A to acknowledge it: the sound stops, the alert stays.',
      'Press D, write what you told B-DESK and over which channel, and sign with Ctrl+Enter.',
      'Drag the bar below to the left: the map goes back in time, in an amber frame.',
    ],
  };
}

function feeds() {
  const late = (seconds() % 300) > 240;
  return [
    { name: 'radar', kind: 'jsonl', state: 'live', last: iso(now() - 400), reports: 812_004, refused: 3, per_second: 412, words: 'live' },
    { name: 'ads-b', kind: 'beast', state: late ? 'late' : 'live', last: iso(now() - (late ? 9_000 : 200)), reports: 90_112, refused: 0, per_second: 88, words: late ? 'late 9 s' : 'live' },
  ];
}

function track(actor, at_s = seconds()) {
  const { at, heard } = seen(actor, at_s);
  const distance = distanceFromCentre(at) - RADIUS_M;
  const age = at_s - heard;
  const ahead = distance > 0 && actor.speed > 0 && age < 15 ? entryIn(at, actor.course, actor.speed) : null;
  const when = ahead === null ? null : EPOCH_MS + (heard + ahead) * 1000;
  return {
    slot: actor.slot, name: actor.name, callsign: actor.callsign, party: actor.party, kind: actor.kindName, source: 'radar',
    at: iso(EPOCH_MS + heard * 1000), latitude_deg: at[1], longitude_deg: at[0], altitude_m: actor.alt,
    altitude_datum: 'msl', speed_mps: actor.speed, course_deg: actor.course, accuracy_m: 60,
    state: age > 30 ? 'unknown' : age > 15 ? 'aging' : 'live', age_s: age,
    zones: distance < 90_000 ? [{
      zone: 'TANF-55', state: distance <= 0 ? (age > 30 ? 'lost' : 'inside') : ahead === null ? 'outside' : 'approaching', distance_m: distance, certain: true,
      entry_earliest: when && iso(when - 15_000), entry_expected: when && iso(when), entry_latest: when && iso(when + 25_000),
    }] : [],
  };
}

const near = () => world.slice(0, 8).map((actor) => track(actor));

function frame() {
  const bytes = Buffer.alloc(16 + world.length * 24);
  bytes.write('KCT1', 0, 'ascii');
  bytes.writeUInt32LE(world.length, 4);
  bytes.writeBigUInt64LE(BigInt(Math.round(now() - EPOCH_MS)), 8);
  world.forEach((actor, i) => {
    const { at, heard } = seen(actor, seconds());
    const age = seconds() - heard;
    const inside = distanceFromCentre(at) < RADIUS_M;
    const state = age > 30 ? 2 : age > 15 ? 1 : 0;
    const o = 16 + i * 24;
    bytes.writeUInt32LE(actor.slot, o);
    bytes.writeInt32LE(Math.round(at[0] * 1e7), o + 4);
    bytes.writeInt32LE(Math.round(at[1] * 1e7), o + 8);
    bytes.writeUInt32LE(Math.round(heard * 1000), o + 12);
    bytes.writeInt16LE(Math.round(actor.alt / 4), o + 16);
    bytes.writeUInt16LE(Math.round(actor.speed * 100), o + 18);
    bytes.writeUInt16LE(Math.round(actor.course * 100), o + 20);
    bytes.writeUInt16LE(actor.kind | (state << 4) | (i < 8 ? 64 : 0) | (inside ? 128 : 0) | (actor.code << 8), o + 22);
  });
  return bytes;
}

function evidence(actor, words) {
  const t = track(actor);
  return {
    at: t.at, track: t.name, source: t.source, latitude_deg: t.latitude_deg, longitude_deg: t.longitude_deg,
    altitude_m: t.altitude_m, altitude_datum: t.altitude_datum, speed_mps: t.speed_mps, course_deg: t.course_deg,
    accuracy_m: t.accuracy_m, distance_m: t.zones[0]?.distance_m ?? null, certain: true,
    entry_earliest: t.zones[0]?.entry_earliest ?? null, entry_expected: t.zones[0]?.entry_expected ?? null,
    entry_latest: t.zones[0]?.entry_latest ?? null, words,
  };
}

function raise(id, kind, priority, members, words) {
  const found = evidence(members[0], words);
  alerts.set(id, {
    id, kind, zone: 'TANF-55', party: members[0].party, tracks: members.map((one) => one.name),
    labels: members.map((one) => one.callsign), holding: members.map((one) => one.name), priority, stage: 'raised', raised: iso(now()), since: iso(now()),
    words, first: found, latest: found, steps: [], cleared: null, closed: null, prompted: false, source: '',
    next: NEXT.raised, todo: TODO, unattended_at: null, answer_at: null,
  });
  log('alert.raised', { id, kind, priority, words });
  tell({ type: 'alert', alert: alerts.get(id) });
}

function step(id, done) {
  const alert = alerts.get(id);
  if (!alert) throw { status: 404, code: 'alert.unknown', message: `there is no alert ${id}` };
  if (!alert.next.includes(done.step)) {
    throw { status: 409, code: 'alert.step', message: `alert ${id} is ${alert.stage}: ${done.step} does not follow that` };
  }
  const at = iso(now());
  const taken = { step: done.step, at, by: done.by, reason: '', channel: '', text: '', reception: '', second: '', ...done };
  const stage = AFTER[done.step];
  const changed = {
    ...alert, stage, since: at, steps: [...alert.steps, taken], prompted: false, next: NEXT[stage],
    closed: stage === 'closed' ? at : null,
    unattended_at: stage === 'acknowledged' ? iso(now() + 120_000) : null,
    answer_at: stage === 'advised' ? iso(now() + 180_000) : null,
  };
  alerts.set(id, changed);
  log(`alert.${taken.step}`, { id, ...taken });
  tell({ type: 'alert', alert: changed });
  return changed;
}

function script() {
  if (!world.length) return;
  const at = seconds();
  if (at > 2 && !alerts.has('AL-1')) {
    raise('AL-1', 'entry', 'alarm', [world[0], world[6]], 'B-G207 is inside zone TANF-55 as declared by A, disputed by B');
  }
  if (at > 4 && !alerts.has('AL-2')) {
    raise('AL-2', 'approach', 'warning', [world[1]], 'B-417 is predicted to enter zone TANF-55 as declared by A, disputed by B');
  }
  if (at > 6 && !alerts.has('AL-3')) {
    raise('AL-3', 'approach', 'caution', [world[2]], 'UAS-3, party not known, is near zone TANF-55 as declared by A, disputed by B');
  }
  if (at > 75 && !alerts.has('AL-4')) {
    raise('AL-4', 'silence', 'caution', [world[6]], 'B-G209 was last reported inside zone TANF-55 and has fallen silent');
  }
}

const server = createServer(async (request, response) => {
  const url = new URL(request.url, 'http://127.0.0.1');
  try {
    if (url.pathname.startsWith('/api/v1/')) await answer(request, response, url);
    else serve(request, response, url.pathname);
  } catch (error) {
    const { status = 500, code = 'mock', message = String(error) } = error;
    send(response, status, { code, message });
  }
});

async function answer(request, response, url) {
  const path = url.pathname.slice('/api/v1'.length);
  const [, what, name, more] = path.split('/').map(decodeURIComponent);
  const body = ['POST', 'PUT'].includes(request.method) ? JSON.parse(await text(request)) : null;
  if (what === 'node') return send(response, 200, node());
  if (what === 'alerts' && more === 'steps') return send(response, 200, step(name, body));
  if (what === 'alerts') return send(response, 200, [...alerts.values()]);
  if (what === 'tracks') {
    const actor = world.find((one) => one.name === name);
    if (!actor) return send(response, 404, { code: 'track.unknown', message: `there is no track ${name}` });
    if (more !== 'history') return send(response, 200, track(actor));
    const points = Array.from({ length: 60 }, (_, i) => seen(actor, seconds() - (59 - i) * 10)).map(({ at, heard }) => [
      Math.round(EPOCH_MS + heard * 1000), at[1], at[0], actor.alt,
    ]);
    return send(response, 200, { track: name, points });
  }
  if (what === 'moment') {
    const at = Date.parse(url.searchParams.get('at'));
    const at_s = (at - EPOCH_MS) / 1000;
    const then = ({ id, kind, zone, party, tracks, priority, stage, words, since, raised, cleared, closed }) => ({
      id, kind, zone, party, tracks, priority, stage, words, since, raised, cleared, closed,
    });
    return send(response, 200, {
      at: iso(at),
      alerts: [...alerts.values()].filter((one) => Date.parse(one.raised) <= at).map(then),
      tracks: world.map((actor) => ({ ...track(actor, at_s), slot: undefined, zones: undefined })),
    });
  }
  if (what === 'timeline') {
    return send(response, 200, { entries: entries.map(({ index, at, kind, body: b }) => ({ index, at, kind, subject: b.id ?? '', priority: b.priority ?? null, words: b.words ?? '' })) });
  }
  if (what === 'record' && name === 'head') return send(response, 200, { ...node().record, checkpoint: '' });
  if (what === 'record') {
    const start = Number(url.searchParams.get('start'));
    const limit = Number(url.searchParams.get('limit'));
    return send(response, 200, { size: entries.length, entries: entries.slice(start, start + limit) });
  }
  if (what === 'zones' && request.method === 'PUT') {
    zones.features = [...zones.features, body];
    tell({ type: 'zones', zones });
    return send(response, 201, body);
  }
  if (what === 'replay') {
    setClock(body);
    if (body.seek) tell({ type: 'reset' });
    for (const client of sockets.clients) greet(client);
    return send(response, 200, node());
  }
  return send(response, 404, { code: 'path.unknown', message: `nothing is at ${path}` });
}

function send(response, status, body) {
  response.writeHead(status, { 'Content-Type': 'application/json' });
  response.end(JSON.stringify(body));
}

async function text(request) {
  let all = '';
  for await (const chunk of request) all += chunk;
  return all;
}

function serve(request, response, path) {
  const wanted = normalize(join(WEB, path));
  const file = wanted.startsWith(WEB) && existsSync(wanted) && statSync(wanted).isFile() ? wanted : join(WEB, 'index.html');
  const size = statSync(file).size;
  const headers = {
    'Content-Type': TYPES[extname(file)] ?? 'application/octet-stream',
    'Content-Security-Policy': POLICY,
    'Accept-Ranges': 'bytes',
  };
  const range = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '');
  if (!range) {
    response.writeHead(200, { ...headers, 'Content-Length': size });
    createReadStream(file).pipe(response);
    return;
  }
  const start = Number(range[1]);
  const end = Math.min(Number(range[2]), size - 1);
  response.writeHead(206, { ...headers, 'Content-Length': end - start + 1, 'Content-Range': `bytes ${start}-${end}/${size}` });
  createReadStream(file, { start, end }).pipe(response);
}

const sockets = new WebSocketServer({ server, path: '/api/v1/live', perMessageDeflate: false });
const tell = (message) => {
  for (const client of sockets.clients) client.send(JSON.stringify(message));
};

function greet(client) {
  const open = [...alerts.values()].filter((alert) => alert.stage !== 'closed');
  client.send(JSON.stringify({ type: 'hello', node: node(), zones, alerts: open, feeds: feeds(), epoch_ms: EPOCH_MS }));
  client.send(JSON.stringify({ type: 'names', tracks: world.map(({ slot, name, callsign, party, kindName }) => ({ slot, name, callsign, party, kind: kindName, source: 'radar' })) }));
  client.send(frame());
  client.send(JSON.stringify({ type: 'near', tracks: world.length ? near() : [] }));
}
sockets.on('connection', greet);

setInterval(() => {
  script();
  tell({ type: 'node', node: node() });
  tell({ type: 'feeds', feeds: feeds() });
  if (!world.length) return;
  tell({ type: 'near', tracks: near() });
  const bytes = frame();
  for (const client of sockets.clients) client.send(bytes);
}, 1000);

log('node.started', { id: 'node', words: 'the node started' });
server.listen(Number(options.port), '127.0.0.1', () => console.log(`http://127.0.0.1:${options.port}/watch`));
