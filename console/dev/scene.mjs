/** The scripted world of the development node: a zone, some tracks of interest, and civil traffic around them. */
import geodesic from 'geographiclib-geodesic';

const EARTH = geodesic.Geodesic.WGS84;
export const CENTRE = [38.6175, 33.5058];
export const RADIUS_M = 55_000;
const WARNING_M = 25_000;

export const destination = ([east, north], course, metres) => {
  const found = EARTH.Direct(north, east, course, metres);
  return [found.lon2, found.lat2];
};
export const distanceFromCentre = ([east, north]) => EARTH.Inverse(CENTRE[1], CENTRE[0], north, east).s12;

const circle = (centre, radius) => {
  const ring = Array.from({ length: 180 }, (_, i) => destination(centre, i * 2, radius));
  return [...ring, ring[0]];
};

function corridor(line, half) {
  const left = [];
  const right = [];
  line.forEach((corner, i) => {
    const [from, to] = [line[Math.max(0, i - 1)], line[Math.min(line.length - 1, i + 1)]];
    const course = EARTH.Inverse(from[1], from[0], to[1], to[0]).azi1;
    left.push(destination(corner, course - 90, half));
    right.unshift(destination(corner, course + 90, half));
  });
  return [...left, ...right, left[0]];
}

const zone = (name, kind, geometry, outline, more = {}) => ({
  type: 'Feature',
  id: name,
  geometry,
  properties: { keepclear: { name, kind, declared_by: 'A', ...more.keepclear }, outline: [outline], ...more.extra },
});

const site = (name, at) =>
  zone(name, 'protected-site', { type: 'Point', coordinates: at }, circle(at, 2_000), {
    keepclear: { circle: { radius_m: 2_000 } },
  });

const ROUTE = [
  [36.62, 33.52],
  [37.05, 33.46],
  [37.5, 33.4],
  [37.95, 33.42],
  [38.3, 33.33],
  [38.55, 33.24],
];

export const ZONES = {
  type: 'FeatureCollection',
  features: [
    zone('TANF-55', 'deconfliction', { type: 'Point', coordinates: CENTRE }, circle(CENTRE, RADIUS_M), {
      keepclear: {
        circle: { radius_m: RADIUS_M },
        warning_distance_m: WARNING_M,
        recognition: [
          { party: 'A', stand: 'declared' },
          { party: 'B', stand: 'disputed' },
        ],
      },
      extra: { warning_outline: [circle(CENTRE, RADIUS_M + WARNING_M)] },
    }),
    zone('Convoy corridor', 'corridor', { type: 'LineString', coordinates: ROUTE }, corridor(ROUTE, 3_200), {
      keepclear: { corridor: { half_width_m: 3_200 } },
    }),
    site('Rukban camp', [38.55, 33.24]),
    site('Clinic', [38.47, 33.19]),
    site('Well', [38.3, 33.78]),
  ],
};

/** What moves, in order of slots: where from, which way, how fast, and for how long it is heard. */
const ACTORS = [
  { name: 'sim:B-G207', callsign: 'B-G207', party: 'B', code: 2, kind: 4, from: [232, 50_200], course: 52, speed: 4, alt: 700 },
  { name: 'sim:B-417', callsign: 'B-417', party: 'B', code: 2, kind: 1, from: [318, 120_000], course: 140, speed: 185, alt: 6_100 },
  { name: 'sim:UAS-3', callsign: 'UAS-3', party: '', code: 0, kind: 3, from: [38, 74_000], course: 215, speed: 22, alt: 1_800 },
  { name: 'sim:OCHA-12', callsign: 'OCHA-12', party: 'OCHA', code: 3, kind: 4, from: [268, 92_000], course: 96, speed: 12, alt: 650 },
  { name: 'sim:A-R11', callsign: 'A-R11', party: 'A', code: 1, kind: 2, from: [110, 18_000], course: 250, speed: 30, alt: 900 },
  { name: 'sim:A-R12', callsign: 'A-R12', party: 'A', code: 1, kind: 2, from: [20, 8_500], course: 70, speed: 20, alt: 900 },
  { name: 'sim:B-G209', callsign: 'B-G209', party: 'B', code: 2, kind: 4, from: [234, 53_800], course: 52, speed: 4, alt: 700, until: 40 },
  { name: 'sim:A-G03', callsign: 'A-G03', party: 'A', code: 1, kind: 4, from: [330, 3_000], course: 300, speed: 0, alt: 720 },
];
const KINDS = ['unknown', 'aircraft', 'rotorcraft', 'unmanned', 'vehicle', 'vessel', 'person', 'missile'];

/** The tracks of interest and `civil` more, the same at every start. */
export function actors(civil) {
  let state = 20180901;
  const random = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
  const traffic = Array.from({ length: civil }, (_, i) => ({
    name: `icao:${(0x400000 + i).toString(16)}`,
    callsign: `CIV${i}`,
    party: '',
    code: 3,
    kind: 1,
    at: [26 + random() * 30, 22 + random() * 22],
    course: random() * 360,
    speed: 190 + random() * 60,
    alt: 9_000 + random() * 3_000,
  }));
  return [...ACTORS, ...traffic].map((actor, slot) => ({
    slot,
    until: Infinity,
    ...actor,
    start: actor.at ?? destination(CENTRE, ...actor.from),
    kindName: KINDS[actor.kind],
  }));
}

/** Where an actor was last seen, `seconds` into the scene. */
export function seen(actor, seconds) {
  const heard = Math.min(seconds, actor.until);
  const turned = actor.name === 'sim:B-417' && heard > 1_200 ? 1_200 : heard;
  return { at: destination(actor.start, actor.course, actor.speed * turned), heard };
}

/** The closed-form entry of a straight course into the circle, in seconds from now; null when it does not enter. */
export function entryIn(at, course, speed) {
  for (let ahead = 0; ahead <= 900; ahead += 5) {
    if (distanceFromCentre(destination(at, course, speed * ahead)) <= RADIUS_M) return ahead;
  }
  return null;
}
