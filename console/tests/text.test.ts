import { describe, expect, it } from 'vitest';
import { altitude, course, distance, shortHash, speed, statedDistance } from '../src/text/figures';
import { degreesMinutesSeconds, gridReference, wrapped } from '../src/text/place';
import { clock, dtg, span } from '../src/text/time';
import { ar } from '../src/words/ar';
import { en, type Key } from '../src/words/en';
import { filled } from '../src/words/fill';

describe('times', () => {
  it('are written as date-time groups in Zulu', () => {
    expect(dtg(Date.UTC(2026, 10, 22, 14, 30, 59))).toBe('221430Z NOV 26');
    expect(dtg(Date.UTC(2018, 8, 6, 0, 5))).toBe('060005Z SEP 18');
    expect(clock(Date.UTC(2018, 8, 6, 0, 5, 7, 999))).toBe('00:05:07Z');
  });

  it('left are never below nought, and carry into hours', () => {
    expect([-5, 0, 59.4, 59.6, 3599.4, 3600, 36_061].map(span)).toEqual([
      '00:00',
      '00:00',
      '00:59',
      '01:00',
      '59:59',
      '1:00:00',
      '10:01:01',
    ]);
  });
});

describe('places', () => {
  it('have the grid references that PROJ gives them', () => {
    // Eastings and northings of EPSG:32618, 32637, 32631 and 32719 by PROJ, cut off to ten metres as MGRS does.
    expect(gridReference(-77.0352, 38.8895)).toBe('18S UJ 2348 0648');
    expect(gridReference(38.6175, 33.5058)).toBe('37S DT 6447 0742');
    expect(gridReference(2.2945, 48.8584)).toBe('31U DQ 4825 1195');
    expect(gridReference(-70.6693, -33.4489)).toBe('19H CC 4484 9770');
  });

  it('beyond the grid zones have no grid reference rather than a wrong one', () => {
    expect(gridReference(10, 84.1)).toBe('');
    expect(gridReference(10, -80.1)).toBe('');
  });

  it('never write sixty seconds', () => {
    expect(degreesMinutesSeconds(38.99999, 33.5058)).toBe('33°30′21″N 039°00′00″E');
    expect(degreesMinutesSeconds(-0.5, -0.00001)).toBe('00°00′00″S 000°30′00″W');
  });

  it('on another turn of the map are the same places', () => {
    expect(wrapped(190)).toBe(-170);
    expect(wrapped(-541)).toBe(179);
    expect(degreesMinutesSeconds(398.6175, 33.5058)).toBe(degreesMinutesSeconds(38.6175, 33.5058));
  });
});

describe('figures', () => {
  it('carry their units and are no finer than they are known', () => {
    expect([0, 84, 949, 4_870, 99_400, 128_400].map(distance)).toEqual([
      '0 m',
      '80 m',
      '950 m',
      '4.9 km',
      '99.4 km',
      '128 km',
    ]);
    expect(statedDistance(55_000)).toBe('55 km');
    expect(statedDistance(2_500)).toBe('2.5 km');
    expect(speed(100)).toBe('194 kt (360 km/h)');
    expect(course(359.7)).toBe('000°');
    expect(shortHash('0123456789abcdef')).toBe('0123…cdef');
  });

  it('of height always say what they are measured from', () => {
    expect(altitude(3048, 'agl')).toBe('3,048 m (10,000 ft) AGL');
    expect(altitude(3048, 'unknown')).toContain('datum not known');
    expect(altitude(3048, 'new datum')).toContain('datum not known');
  });
});

describe('the words', () => {
  const places = (text: string): string[] => [...text.matchAll(/\{(\w+)\}/g)].map((found) => found[1] ?? '').sort();

  it('ask for the same values in both languages', () => {
    for (const key of Object.keys(en) as Key[]) expect([key, places(ar[key])]).toEqual([key, places(en[key])]);
  });

  it('have no key twice and leave none empty', () => {
    expect(Object.keys(ar).sort()).toEqual(Object.keys(en).sort());
    for (const words of [...Object.values(en), ...Object.values(ar)]) expect(words.trim()).not.toBe('');
  });

  it('keep a value in its own direction inside Arabic, and leave an unknown place as it is', () => {
    expect(filled('a {x} b', { x: '1.9 km' }, true)).toBe('a \u20681.9 km\u2069 b');
    expect(filled('a {x} {y}', { x: 1 }, false)).toBe('a 1 {y}');
  });
});
