import { describe, expect, it } from 'vitest';
import { adviceOf } from '../src/state/advice';
import { figureOf, inOrder, nextStep } from '../src/state/alerts';
import type { Alert, Evidence, ResponseStep, StepName, Track } from '../src/wire/types';

const NOW = Date.UTC(2018, 8, 6, 9, 0, 0);
const at = (seconds: number): string => new Date(NOW + seconds * 1000).toISOString();

const evidence: Evidence = {
  at: at(0),
  track: 'sim:B-417',
  source: 'radar',
  latitude_deg: 33,
  longitude_deg: 38,
  altitude_m: null,
  altitude_datum: '',
  speed_mps: 200,
  course_deg: 60,
  accuracy_m: null,
  distance_m: 20_000,
  certain: true,
  entry_earliest: null,
  entry_expected: at(300),
  entry_latest: null,
  words: '',
};

function alert(more: Partial<Alert>): Alert {
  return {
    id: 'AL-1',
    kind: 'approach',
    zone: 'TANF-55',
    party: 'B',
    tracks: ['sim:B-417'],
    labels: ['B-417'],
    holding: ['sim:B-417'],
    priority: 'warning',
    stage: 'raised',
    raised: at(-60),
    since: at(-60),
    words: '',
    first: evidence,
    latest: evidence,
    steps: [],
    cleared: null,
    closed: null,
    prompted: false,
    source: '',
    next: ['acknowledge', 'close'],
    todo: [],
    unattended_at: null,
    answer_at: null,
    ...more,
  };
}

function track(more: Partial<Track>, distance_m: number | null, expected: string | null): Track {
  return {
    slot: 0,
    name: 'sim:B-417',
    callsign: 'B-417',
    party: 'B',
    kind: 'aircraft',
    source: 'radar',
    at: at(0),
    latitude_deg: 33,
    longitude_deg: 38,
    altitude_m: null,
    altitude_datum: '',
    speed_mps: 200,
    course_deg: 60,
    accuracy_m: null,
    state: 'live',
    age_s: 0,
    zones: [
      {
        zone: 'TANF-55',
        state: 'approaching',
        distance_m,
        certain: true,
        entry_earliest: null,
        entry_expected: expected,
        entry_latest: null,
      },
    ],
    ...more,
  };
}

const step = (name: StepName): ResponseStep => ({
  step: name,
  at: at(-30),
  by: 'M. Haddad',
  reason: '',
  channel: '',
  text: '',
  reception: '',
  second: '',
});

describe('the list of alerts', () => {
  it('puts what still holds before what has ended, priority before time left, and time left before age', () => {
    const soon = { ...evidence, entry_expected: at(100) };
    const none = { ...evidence, entry_expected: null };
    const alerts = [
      alert({ id: 'old caution', priority: 'caution', raised: at(-900) }),
      alert({ id: 'no time', latest: none, raised: at(-900) }),
      alert({ id: 'soon', latest: soon }),
      alert({ id: 'later' }),
      alert({ id: 'over', priority: 'alarm', latest: soon, cleared: at(-1), raised: at(-5) }),
      alert({ id: 'alarm', priority: 'alarm', latest: none }),
      alert({ id: 'no time, newer', latest: none, raised: at(-10) }),
    ];
    const wanted = ['alarm', 'soon', 'later', 'no time', 'no time, newer', 'old caution', 'over'];
    expect(inOrder(alerts).map((one) => one.id)).toEqual(wanted);
    expect(inOrder([...alerts].reverse()).map((one) => one.id)).toEqual(wanted);
  });
});

describe('the next step', () => {
  const open: StepName[] = ['advise', 'warn', 'escalate', 'close'];

  it('is always to acknowledge while nobody has', () => {
    expect(nextStep(alert({ cleared: at(-5) }))).toBe('acknowledge');
  });

  it('is the first that was not taken', () => {
    expect(nextStep(alert({ stage: 'acknowledged', next: open }))).toBe('advise');
    expect(nextStep(alert({ stage: 'advised', next: open, steps: [step('advise')] }))).toBe('warn');
  });

  it('is to warn once an advice went unanswered, even if that was warned of before', () => {
    const told = alert({ stage: 'advised', next: open, steps: [step('warn'), step('advise')], prompted: true });
    expect(nextStep(told)).toBe('warn');
  });

  it('is to close only after the condition has ended', () => {
    const steps = [step('advise'), step('warn'), step('escalate')];
    expect(nextStep(alert({ stage: 'escalated', next: ['warn', 'escalate', 'close'], steps }))).not.toBe('close');
    expect(nextStep(alert({ stage: 'warned', next: open, cleared: at(-1) }))).toBe('close');
  });

  it('is never one that the node does not offer', () => {
    expect(nextStep(alert({ stage: 'closed', next: [] }))).toBeNull();
  });
});

describe('what is said over a channel', () => {
  const inside = () => alert({ kind: 'entry', words: 'B-417 63 m inside the edge', latest: { ...evidence, words: '' } });

  it('is where the track is now, not where it was when the alert was raised', () => {
    const said = adviceOf(inside(), 'advise', track({}, -5_400, null), NOW);
    expect(said).toMatch(/^B-417 inside zone TANF-55, 5\.4 km inside the edge, at 37S .* Request that it leaves\.$/);
    expect(said).not.toContain('63 m');
  });

  it('is what the record says of a track that the node does not tell of', () => {
    expect(adviceOf(inside(), 'warn', undefined, NOW)).toBe('B-417 63 m inside the edge. Turn away and leave now.');
  });

  it('asks one outside to keep clear, and says when it is expected to enter', () => {
    const said = adviceOf(alert({}), 'advise', track({}, 20_000, at(300)), NOW);
    expect(said).toMatch(/closing on zone TANF-55, entry expected .*Z, at 37S .* Request that it keeps clear\.$/);
  });
});

describe('the figure of an alert', () => {
  it('counts down to the second only from a report younger than ten seconds', () => {
    const young = figureOf(alert({}), track({ at: at(-9) }, 20_000, at(300)), NOW);
    const old = figureOf(alert({}), track({ at: at(-10) }, 20_000, at(300)), NOW);
    expect(young).toEqual({ form: 'entry', seconds: 300, exact: true });
    expect(old).toEqual({ form: 'entry', seconds: 300, exact: false });
  });

  it('says how far inside before it says when', () => {
    expect(figureOf(alert({ kind: 'entry' }), track({}, -4_900, at(300)), NOW)).toEqual({
      form: 'inside',
      distance_m: 4_900,
    });
  });

  it('does not count down to an entry that should be over', () => {
    expect(figureOf(alert({}), track({}, 1_000, at(-1)), NOW)).toEqual({ form: 'outside', distance_m: 1_000 });
  });

  it('falls back on the evidence of the alert when the track is not told of', () => {
    expect(figureOf(alert({}), undefined, NOW)).toEqual({ form: 'entry', seconds: 300, exact: true });
    expect(figureOf(alert({}), undefined, NOW + 60_000)).toEqual({ form: 'entry', seconds: 240, exact: false });
  });

  it('of a silent track is how long it has not been seen, never where it would be', () => {
    expect(figureOf(alert({ kind: 'silence' }), track({ at: at(-95) }, -2_000, null), NOW)).toEqual({
      form: 'silent',
      seconds: 95,
    });
  });

  it('is when its condition ended, once it has, wherever the track went since', () => {
    const ended = { form: 'ended', at_ms: NOW - 5_000 };
    expect(figureOf(alert({ cleared: at(-5) }), track({}, -4_900, null), NOW)).toEqual(ended);
    expect(figureOf(alert({ kind: 'silence', cleared: at(-5) }), undefined, NOW)).toEqual(ended);
  });
});
