import geodesic from 'geographiclib-geodesic';
import { describe, expect, it } from 'vitest';
import { placesExtent, placeShapes, ringsOf } from '../src/map/lineplaces';
import { emptyMessage, faultsOf, messageForm, type TypedMessage } from '../src/state/linedraft';
import { emptyPlace, placeOf, readPlace, type TypedPlace } from '../src/state/lineplacedraft';
import { callOrder, differingPlot, goneOf, hasTaken, isOverdue, openStops, placesOf, rowsOf, rungAfter, spokenOf } from '../src/state/linethread';
import { lengthCm, positionOf } from '../src/text/coordinates';
import { placeHeight } from '../src/text/heights';
import { zuluOf } from '../src/text/time';
import { lineAr } from '../src/words/linewordsar';
import { lineEn } from '../src/words/linewordsen';
import type { LineMessage, LinePlace, StepTaken } from '../src/wire/linetypes';

const ZONE: LinePlace = { name: 'ZONE', shape: { kind: 'circle', centre: [335058000, 386175000], radius_cm: 5_500_000 } };

function said(more: Partial<LineMessage>): LineMessage {
  return {
    hash: 'a',
    line: 'tanf',
    from: 'b',
    own: false,
    epoch: 1,
    index: 4,
    kind: 'notify',
    precedence: 'priority',
    flag: 'real',
    at: '2018-09-06T09:00:00.000Z',
    came: '2018-09-06T09:00:01.000Z',
    ahead: false,
    by: { name: 'I. Volkov', post: 'watch officer' },
    refs: [],
    parts: {},
    contents: {},
    words: { en: [], ru: [], ar: [], fr: [] },
    acknowledges: null,
    reception: null,
    duty: null,
    ...more,
  };
}

const typed = (more: Partial<TypedMessage>): TypedMessage => ({ ...emptyMessage(), text: 'We shall enter', ...more });
const reception = { stage: 'delivered', sent: null, way: 'link', delivered: null, due: '2018-09-06T09:05:00.000Z', overdue: false, steps: [] };
const STEP: StepTaken = {
  step: 'receipted',
  response: null,
  echelon: null,
  by: 'I',
  post: 'p',
  said: '2018-09-06T09:01:00.000Z',
  at: '2018-09-06T09:01:01.000Z',
  hash: 'x',
  plotted: false,
  differences: [],
};
const duty = { arrived: '2018-09-06T09:00:01.000Z', due: '2018-09-06T09:05:00.000Z', overdue: false, way: 'link', steps: [], climbed: 0 };

describe('positions', () => {
  it.each([
    ['33.5058, 38.6175', [335058000, 386175000]],
    ['33.5058 38.6175', [335058000, 386175000]],
    ['-33.5058;+38.6175', [-335058000, 386175000]],
    ['33°30′20.88″N 038°37′03″E', [335058000, 386175000]],
    ['33°30\'20.88"N, 38°37\'03"E', [335058000, 386175000]],
    ['33 30 20.88 S 38 37 03 W', [-335058000, -386175000]],
    ['33°30.348′N 38°37.05′E', [335058000, 386175000]],
    ['33.5058N 38.6175E', [335058000, 386175000]],
    ['٣٣٫٥٠٥٨، ٣٨٫٦١٧٥', [335058000, 386175000]],
  ])('are read from %s', (text, expected) => {
    expect(positionOf(text)).toEqual(expected);
  });

  it.each(['', '33.5', '91, 10', '33, 181', '33°60′N 38°E', '33.5°20′N 38°E', '33 30 38 37', '38.6E 33.5N', 'near the village'])(
    'are not guessed from "%s"',
    (text) => {
      expect(positionOf(text)).toBeNull();
    },
  );

  it('have radii in whole centimetres, and none that are nought or no number', () => {
    expect(['55', '0.5', '٥٥', '19970', '0', '-3', '19971', '5 km', ''].map((typed) => lengthCm(typed, 19_970))).toEqual([
      5_500_000, 50_000, 5_500_000, 1_997_000_000, null, null, null, null, null,
    ]);
  });
});

describe('a message', () => {
  it('of a place cannot be signed without one, unless it says that it is of none or refers to one', () => {
    expect(faultsOf(typed({})).places).toBe('line.placeNeeded');
    expect(faultsOf(typed({ zones: ['ZONE'] }))).toEqual({});
    expect(faultsOf(typed({ noPlace: true }))).toEqual({});
    expect(faultsOf(typed({ about: 'a' }))).toEqual({});
    expect(faultsOf(typed({ noPlace: true, zones: ['ZONE'] })).places).toBe('line.placeBoth');
    expect(faultsOf(typed({ kind: 'query' }))).toEqual({});
  });

  it('needs a text, and the message that it answers, and a whole translation', () => {
    expect(faultsOf(typed({ text: ' ', kind: 'query' })).text).toBe('line.textNeeded');
    expect(faultsOf(typed({ text: '', kind: 'stop' }))).toEqual({});
    expect(faultsOf(typed({ kind: 'answer' })).about).toBe('line.aboutNeeded');
    expect(faultsOf(typed({ kind: 'query', translated: true })).translation).toBe('line.translationNeeded');
  });

  it('with a place that cannot be read is not signed', () => {
    const place = { ...emptyPlace(), name: 'Bridge', at: 'near the village' };
    expect(faultsOf(typed({ zones: ['ZONE'], typed: [place] })).places).toBe('line.placeWrong');
    expect(placeOf({ ...place, at: '33.5, 38.6' })).toEqual({ name: 'Bridge', shape: { kind: 'point', at: [335000000, 386000000] } });
    expect(placeOf({ ...place, kind: 'circle', at: '33.5, 38.6', size: 'wide' })).toBeNull();
    expect(faultsOf(typed({ zones: ['Bridge'], typed: [{ ...place, at: '33.5, 38.6' }] })).places).toBe('line.placeTwice');
  });

  it('is sent as it was typed, a STOP always as flash', () => {
    const form = messageForm(typed({ kind: 'stop', precedence: 'routine', flag: 'exercise', about: 'a' }), { by: 'M. Haddad' });
    expect(form).toMatchObject({ kind: 'stop', precedence: 'flash', flag: 'exercise', by: 'M. Haddad' });
    expect(form.refs).toEqual([{ hash: 'a', how: 'about' }]);
    expect(messageForm(typed({ kind: 'object', about: 'a' }), { by: 'M' }).refs).toEqual([{ hash: 'a', how: 'objects' }]);
  });

  it('is real unless an officer says otherwise', () => {
    expect(emptyMessage().flag).toBe('real');
  });
});

const placed = (more: Partial<TypedPlace>): TypedPlace => ({ ...emptyPlace(), name: 'Road', at: '33.5, 38.6', ...more });
const faultOf = (more: Partial<TypedPlace>) => readPlace(placed(more)).faults;

describe('a typed place', () => {
  const LIST = '33.5, 38.6\n\n33°30′N 38°42′E\n٣٣٫٦، ٣٨٫٧';
  const CORNERS = [
    [335000000, 386000000],
    [335000000, 387000000],
    [336000000, 387000000],
  ];

  it('is a polygon or a corridor of the positions that were pasted, in their order', () => {
    expect(placeOf(placed({ kind: 'polygon', at: LIST }))?.shape).toEqual({ kind: 'polygon', rings: [CORNERS] });
    expect(placeOf(placed({ kind: 'corridor', at: LIST, size: '0.8' }))?.shape).toEqual({ kind: 'corridor', line: CORNERS, half_width_cm: 80_000 });
  });

  it('that cannot be read says which line of which field, and what was found', () => {
    expect(faultOf({ kind: 'polygon', at: '33.5, 38.6\nnear the village\n33.6, 38.7' })).toEqual({
      at: { key: 'line.positionWrong', values: { number: 2, found: 'near the village' } },
    });
    expect(faultOf({ kind: 'polygon', at: `${LIST}\n33.5, 38.6` }).at?.key).toBe('line.ringClosed');
    expect(faultOf({ kind: 'polygon', at: '33.5, 38.6\n33.6, 38.7' }).at?.key).toBe('line.positions.polygon');
    expect(faultOf({ kind: 'corridor', size: '1' }).at?.key).toBe('line.positions.corridor');
    expect(faultOf({ kind: 'point', at: LIST }).at?.key).toBe('line.positions.point');
    expect(faultOf({ kind: 'polygon', at: Array(257).fill('33.5, 38.6').join('\n') }).at?.key).toBe('line.positionsMany');
    expect(faultOf({ name: ' ' })).toEqual({ name: { key: 'line.nameNeeded' } });
    expect(faultOf({ kind: 'circle', size: '' }).size?.key).toBe('line.radiusWrong');
    expect(faultOf({ kind: 'corridor', at: LIST, size: '9001' }).size?.key).toBe('line.halfWidthWrong');
  });

  it('has heights in centimetres from what they were measured, and none without its datum', () => {
    const heights = (lower: string, upper: string) => {
      const [[low, from], [high, to]] = [lower, upper].map((words) => /^(\S+) ?(.*)$/.exec(words)?.slice(1) ?? []) as [string[], string[]];
      return readPlace(placed({ lower: { figure: low, measure: from }, upper: { figure: high, measure: to } } as TypedPlace));
    };
    expect(heights('500 ft agl', '120 fl').place).toMatchObject({ lower: { cm: 15_240, datum: 'agl' }, upper: { cm: 365_760, datum: 'pressure' } });
    expect(heights('-10.5 m msl', '3000 m msl').place).toMatchObject({ lower: { cm: -1_050, datum: 'msl' }, upper: { cm: 300_000, datum: 'msl' } });
    expect(heights('3000 m msl', '9000 ft msl').faults).toEqual({ upper: { key: 'line.heightReversed' } });
    expect(heights('3000 m msl', '10 m agl').faults).toEqual({});
    expect(heights('3000', '3,5 m agl').faults).toEqual({
      lower: { key: 'line.measureNeeded' },
      upper: { key: 'line.heightWrong', values: { found: '3,5' } },
    });
    expect(heights('-12001 m msl', '100000001 m hae').faults).toMatchObject({ lower: { key: 'line.heightWrong' }, upper: { key: 'line.heightWrong' } });
    expect(placeOf(placed({}))).not.toHaveProperty('lower');
  });

  it('has times in Zulu only, and never ends before it begins', () => {
    const times = { from: '061400Z SEP 18', until: '2018-09-06T18:00Z' };
    expect(placeOf(placed(times))).toMatchObject({ from_ms: Date.UTC(2018, 8, 6, 14), until_ms: Date.UTC(2018, 8, 6, 18) });
    expect(faultOf({ from: times.until, until: times.from })).toEqual({ until: { key: 'line.timeReversed' } });
    expect(faultOf({ from: 'tomorrow' })).toEqual({ from: { key: 'line.timeWrong', values: { found: 'tomorrow' } } });
  });

  it('shows its heights with their datum, in metres and feet, and a whole level as one', () => {
    expect(placeHeight({ cm: 15_240, datum: 'agl' })).toBe('152.4 m (500 ft) AGL');
    expect(placeHeight({ cm: 365_760, datum: 'pressure' })).toBe('FL 120');
    expect(placeHeight({ cm: 365_761, datum: 'pressure' })).toBe('3,657.61 m (12,000 ft) pressure, 1013.25 hPa');
  });
});

describe('times in Zulu', () => {
  it('are read as date-time groups and as ISO 8601', () => {
    const at = Date.UTC(2018, 8, 6, 14);
    expect(['061400Z SEP 18', '061400zsep18', '061400Z SEP 2018', '2018-09-06T14:00Z', '2018-09-06 14:00:00z', '٠٦١٤٠٠Z SEP ١٨'].map(zuluOf)).toEqual(Array(6).fill(at));
  });

  it.each(['', '061400 SEP 18', '061400L SEP 18', '2018-09-06T14:00', '312400Z AUG 18', '310000Z SEP 18', '300000Z FEB 18', '060060Z SEP 18', '061400Z SEPT 18', '06/09/2018'])(
    'are not guessed from "%s"',
    (text) => {
      expect(zuluOf(text)).toBeNull();
    },
  );
});

describe('a thread', () => {
  it('draws runs of comms checks together, and nothing else', () => {
    const check = (hash: string) => said({ kind: 'comms-check', hash });
    const rows = rowsOf([check('1'), check('2'), said({ hash: '3' }), check('4')]);
    expect(rows.map((row) => (row.form === 'checks' ? row.count : row.message.hash))).toEqual([2, '3', 1]);
  });

  it('has an overdue message only while no person has receipted it', () => {
    const due = Date.parse(reception.due);
    expect(isOverdue(said({ own: true, reception }), due - 1)).toBe(false);
    expect(isOverdue(said({ own: true, reception }), due)).toBe(true);
    expect(isOverdue(said({ own: true, reception: { ...reception, delivered: reception.due } }), due)).toBe(true);
    expect(isOverdue(said({ own: true, reception: { ...reception, steps: [STEP] } }), due)).toBe(false);
    expect(isOverdue(said({ own: true, reception: { ...reception, due: null } }), due)).toBe(false);
  });

  it('has a STOP open until a person receipts it, whichever side it is from', () => {
    const theirs = said({ kind: 'stop', hash: '1', duty });
    const ours = said({ kind: 'stop', hash: '2', own: true, reception });
    const answered = said({ kind: 'stop', hash: '3', duty: { ...duty, steps: ['receipted'] } });
    expect(openStops([theirs, ours, answered, said({ duty })]).map((one) => one.hash)).toEqual(['1', '2']);
  });

  it('has rungs at 60, 120 and 180 s', () => {
    expect([0, 59.9, 60, 119.9, 120, 179.9, 180, 9000].map(rungAfter)).toEqual([0, 0, 1, 1, 2, 2, 3, 3]);
  });

  it('never calls sent what only lies in a folder, in a file or on paper', () => {
    const sent = { ...reception, stage: 'sent', sent: '2018-09-06T09:00:01.000Z' };
    expect(['link', 'folder', 'file', 'paper', 'pigeon'].map((way) => goneOf({ ...sent, way }))).toEqual(['sent', 'laid', 'laid', 'laid', 'laid']);
    expect(goneOf({ ...reception, stage: 'queued', way: '' })).toBe('queued');
    expect(goneOf({ ...sent, way: 'folder', delivered: sent.sent })).toBe('taken');
    expect(goneOf({ ...sent, way: 'paper', steps: [STEP] })).toBe('taken');
  });

  it('rings for a STOP that was only spoken as for any other', () => {
    const spoken = said({ hash: '7', kind: 'voice', spoken: 'stop', duty });
    const talk = said({ hash: '8', kind: 'voice', spoken: 'advise', duty });
    expect(openStops([spoken, talk])).toEqual([spoken]);
  });

  it('calls a message read back only once the other has signed the same words', () => {
    const ours = said({ hash: '1', own: true, kind: 'voice', reception });
    const theirs = said({ hash: STEP.hash, kind: 'voice' });
    const answered = said({ ...ours, reception: { ...reception, steps: [STEP] } });
    expect(spokenOf(ours, [ours, theirs])).toBe('said');
    expect(spokenOf(answered, [answered, theirs])).toBe('read-back');
    expect(spokenOf(answered, [answered, said({ hash: STEP.hash, kind: 'acknowledge' })])).toBe('said');
    expect(spokenOf(said({ own: true, reception }), [])).toBeNull();
  });

  it('calls the next who may answer a STOP at each rung, and never one who may not', () => {
    const officer = (name: string, empowered = true) => ({ id: name, name, post: 'officer', empowered });
    const officers = [officer('A'), officer('B', false), officer('C')];
    expect([0, 1, 2, 3].map((rung) => callOrder(officers, rung).map((one) => one.name).join())).toEqual(['A,C', 'C,A', 'A,C', 'C,A']);
    expect(callOrder([officer('B', false)], 2)).toEqual([]);
  });

  it('knows the steps that our people took, also those that the node no longer lists', () => {
    const asked = said({ duty: null });
    const receipt = said({ hash: 'r', own: true, kind: 'acknowledge', refs: [{ hash: 'a', how: 'acknowledges' }] });
    receipt.acknowledges = { step: 'receipted', response: null, echelon: null };
    expect(hasTaken(asked, [asked, receipt], 'receipted')).toBe(true);
    expect(hasTaken(asked, [asked, receipt], 'plotted')).toBe(false);
    expect(hasTaken(asked, [asked, { ...receipt, own: false }], 'receipted')).toBe(false);
  });

  it('finds the places of a message in the one that it is about, and never goes round for ever', () => {
    const first = said({ hash: '1', contents: { places: { places: [ZONE] } } });
    const second = said({ hash: '2', refs: [{ hash: '1', how: 'amends' }] });
    const loop = said({ hash: '3', refs: [{ hash: '3', how: 'about' }] });
    expect(placesOf(second, [first, second])).toEqual([ZONE]);
    expect(placesOf(loop, [loop])).toEqual([]);
  });

  it('gives the plot of the other only where it differs', () => {
    const echo = said({ hash: 'e', kind: 'acknowledge', contents: { echo: { places: [ZONE] } } });
    const step = { step: 'plotted', response: null, echelon: null, by: 'I', post: 'p', said: '', at: '', hash: 'e', plotted: true } as const;
    expect(differingPlot({ ...step, differences: [] }, [echo])).toEqual([]);
    expect(differingPlot({ ...step, differences: ['Place ZONE: the radius came back as 34 km'] }, [echo])).toEqual([ZONE]);
  });
});

describe('places on the map', () => {
  const EARTH = geodesic.Geodesic.WGS84;
  const away_m = (east: number, north: number): number => EARTH.Inverse(33.5058, 38.6175, north, east).s12 ?? NaN;

  it('have circles whose every corner is the radius away', () => {
    const ring = ringsOf(ZONE.shape)[0] ?? [];
    expect(ring[0]).toEqual(ring.at(-1));
    for (const [east, north] of ring) expect(Math.abs(away_m(east, north) - 55_000)).toBeLessThan(0.01);
  });

  it('have corridors whose edge is never nearer to the line than its half-width, nor further', () => {
    const line: [number, number][] = [
      [335000000, 380000000],
      [335000000, 390000000],
    ];
    const ring = ringsOf({ kind: 'corridor', line, half_width_cm: 320_000 })[0] ?? [];
    const ends = [EARTH.Direct(33.5, 38, 270, 3_200), EARTH.Direct(33.5, 39, 90, 3_200)];
    const east = ring.map((corner) => corner[0]);
    expect(Math.min(...east)).toBeCloseTo(ends[0]?.lon2 ?? NaN, 3);
    expect(Math.max(...east)).toBeCloseTo(ends[1]?.lon2 ?? NaN, 3);
    expect(ring.every(([, north]) => Math.abs(north - 33.5) < 0.03)).toBe(true);
  });

  it('cross 180 degrees in one piece', () => {
    const ring = ringsOf({ kind: 'circle', centre: [0, 1_799_000_000], radius_cm: 10_000_000 })[0] ?? [];
    const steps = ring.slice(1).map(([east], i) => Math.abs(east - (ring[i]?.[0] ?? 0)));
    expect(Math.max(...steps)).toBeLessThan(1);
    const [west, , east] = placesExtent([{ name: 'x', shape: { kind: 'circle', centre: [0, 1_799_000_000], radius_cm: 10_000_000 } }]) ?? [0, 0, 0];
    expect(east - west).toBeLessThan(2);
  });

  it('tell what was sent from what was plotted there', () => {
    const shapes = placeShapes([
      { place: ZONE, role: 'sent', words: '' },
      { place: ZONE, role: 'plotted', words: 'ZONE, as b plotted it' },
    ]);
    expect(shapes.lines.features.map((one) => one.properties?.role)).toEqual(['sent', 'plotted']);
    expect(shapes.fills.features).toHaveLength(1);
    expect(shapes.names.features.map((one) => one.properties?.text)).toEqual(['ZONE, 55 km', 'ZONE, as b plotted it']);
  });
});

describe('the words of the line', () => {
  it('have the same values to be put in, in both languages', () => {
    const holes = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map((match) => match[1]).sort();
    for (const key of Object.keys(lineEn) as (keyof typeof lineEn)[]) expect(holes(lineAr[key]), key).toEqual(holes(lineEn[key]));
  });

  it('never speak of approval', () => {
    expect(Object.values(lineEn).filter((words) => /approv/i.test(words))).toEqual([]);
  });
});
