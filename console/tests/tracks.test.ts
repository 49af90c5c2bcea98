import geodesic from 'geographiclib-geodesic';
import { describe, expect, it } from 'vitest';
import { Tracks, VERTEX_FLOATS } from '../src/map/tracks';
import type { Placed } from '../src/wire/frame';

const EARTH = geodesic.Geodesic.WGS84;

function placed(more: Partial<Placed>): Placed {
  return {
    slot: 0,
    longitude_deg: 38,
    latitude_deg: 33,
    observed_ms: 0,
    altitude_m: null,
    speed_mps: 200,
    course_deg: 60,
    kind: 1,
    state: 'live',
    ofInterest: false,
    inside: false,
    party: 2,
    ...more,
  };
}

describe('the table of tracks', () => {
  it('carries a track on along its course, to within twenty metres of the geodesic', () => {
    const tracks = new Tracks();
    for (const course of [0, 60, 133, 271]) {
      tracks.place(placed({ course_deg: course }));
      const [east, north] = tracks.at(0, 10);
      const truth = EARTH.Direct(33, 38, course, 2_000);
      const off = EARTH.Inverse(north, east, truth.lat2 ?? 0, truth.lon2 ?? 0).s12 ?? Infinity;
      expect(off).toBeLessThan(20);
    }
  });

  it('does not carry a track on for longer than fifteen seconds', () => {
    const tracks = new Tracks();
    tracks.place(placed({}));
    expect(tracks.at(0, 15)).toEqual(tracks.at(0, 3_600));
    expect(tracks.at(0, 14)).not.toEqual(tracks.at(0, 15));
  });

  it('leaves a track where it was reported when its speed or course is not known', () => {
    const tracks = new Tracks();
    tracks.place(placed({ speed_mps: null }));
    tracks.place(placed({ slot: 1, course_deg: null }));
    expect(tracks.at(0, 10)).toEqual([38, 33]);
    expect(tracks.at(1, 10)).toEqual([38, 33]);
    expect([...tracks.vertices.subarray(4, 6)]).toEqual([0, 0]);
  });

  it('keeps a track in its slot while the table grows, and counts each once', () => {
    const tracks = new Tracks();
    tracks.place(placed({ slot: 3 }));
    tracks.place(placed({ slot: 5_000, longitude_deg: -179.5 }));
    tracks.place(placed({ slot: 3, longitude_deg: 39 }));
    expect(tracks.count).toBe(2);
    expect(tracks.size).toBe(5_001);
    expect(tracks.longitude_deg[3]).toBe(39);
    expect(tracks.longitude_deg[5_000]).toBe(-179.5);
  });

  it('draws nothing in a slot whose track is gone', () => {
    const tracks = new Tracks();
    tracks.place(placed({ slot: 2 }));
    tracks.drop([2, 2]);
    expect(tracks.count).toBe(0);
    expect(tracks.nearest(38, 33, 5, 0)).toBe(-1);
    expect(tracks.vertices[2 * VERTEX_FLOATS + 8]).toBe(0);
  });

  it('keeps a place to a millimetre in the two halves that the GPU is given', () => {
    const tracks = new Tracks();
    tracks.place(placed({ longitude_deg: 38.1234567, latitude_deg: 33.7654321 }));
    const [high = NaN, , low = NaN] = tracks.vertices;
    const metre = 1 / 40_075_016.686;
    expect(Math.abs(high + low - (38.1234567 + 180) / 360)).toBeLessThan(metre / 1000);
    expect(Math.abs(high - (38.1234567 + 180) / 360)).toBeGreaterThan(metre / 1000);
  });

  it('finds the nearest track, and one of interest before another that is as near', () => {
    const tracks = new Tracks();
    tracks.place(placed({ slot: 0, longitude_deg: 38.01, speed_mps: 0 }));
    tracks.place(placed({ slot: 1, longitude_deg: 37.99, speed_mps: 0, ofInterest: true }));
    tracks.place(placed({ slot: 2, longitude_deg: 38.5, speed_mps: 0 }));
    expect(tracks.nearest(38, 33, 0.1, 0)).toBe(1);
    expect(tracks.nearest(38.49, 33, 0.1, 0)).toBe(2);
    expect(tracks.nearest(40, 33, 0.1, 0)).toBe(-1);
  });
});
