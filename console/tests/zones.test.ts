import { describe, expect, it } from 'vitest';
import { extent, polygonsOf, recognitionWords, zoneShapes } from '../src/map/zones';
import { circleZone, CircleRefused } from '../src/state/firstzone';
import type { ZoneFeature } from '../src/wire/types';

type Ring = [number, number][];

function square(west: number, south: number, side: number): Ring {
  const [east, north] = [west + side, south + side];
  return [
    [west, south],
    [east, south],
    [east, north],
    [west, north],
    [west, south],
  ];
}

function zone(kind: string, rings: Ring[]): ZoneFeature {
  return {
    type: 'Feature',
    geometry: { type: 'Polygon', coordinates: [] },
    properties: {
      keepclear: {
        name: 'Z',
        kind,
        declared_by: 'A',
        recognition: [
          { party: 'A', stand: 'declared' },
          { party: 'B', stand: 'disputed' },
        ],
      },
      outline: rings,
    },
  };
}

describe('the shapes of zones', () => {
  it('keep a hole as a hole and a second part as a part, whatever the order of the rings', () => {
    const [outer, hole, island, apart] = [square(0, 0, 10), square(2, 2, 6), square(4, 4, 2), square(20, 0, 5)];
    const orders = [
      [outer, hole, island, apart],
      [apart, island, hole, outer],
      [hole, apart, outer, island],
    ];
    for (const rings of orders) {
      const polygons = polygonsOf(rings);
      expect(polygons).toHaveLength(3);
      expect(polygons).toContainEqual([outer, hole]);
      expect(polygons).toContainEqual([island]);
      expect(polygons).toContainEqual([apart]);
    }
  });

  it('are drawn along the outlines of the node, point by point', () => {
    const ring = square(38, 33, 1);
    const shapes = zoneShapes({ type: 'FeatureCollection', features: [zone('exclusion', [ring])] });
    expect(shapes.lines.features[0]?.geometry).toEqual({ type: 'LineString', coordinates: ring });
    expect(extent({ type: 'FeatureCollection', features: [zone('exclusion', [ring])] })).toEqual([38, 33, 39, 34]);
  });

  it('have no extent when there is no zone', () => {
    expect(extent({ type: 'FeatureCollection', features: [] })).toBeNull();
  });

  it('say who recognises a zone, without taking a side', () => {
    expect(recognitionWords(zone('exclusion', []))).toBe('declared by A, disputed by B');
  });
});

describe('the first zone', () => {
  const typed = { name: 'Base', centre: '33.5058, 38.6175', radius: '55', warning: '25', party: 'A' };

  it('puts longitude first, as GeoJSON does, and metres', () => {
    expect(circleZone(typed)).toMatchObject({
      geometry: { type: 'Point', coordinates: [38.6175, 33.5058] },
      properties: { keepclear: { circle: { radius_m: 55_000 }, warning_distance_m: 25_000, declared_by: 'A' } },
    });
  });

  it('refuses what it would have to guess', () => {
    for (const centre of ['', '33.5', '91, 10', '10, 181', 'N33 E38', '33,5058, 38,6175', '33.5 38.6 12']) {
      expect(() => circleZone({ ...typed, centre }), centre).toThrow(CircleRefused);
    }
    for (const radius of ['', '0', '-3', '20001', '55 km', '1e3', 'NaN', 'Infinity']) {
      expect(() => circleZone({ ...typed, radius }), radius).toThrow(CircleRefused);
    }
    expect(() => circleZone({ ...typed, warning: '0' })).not.toThrow();
  });
});
