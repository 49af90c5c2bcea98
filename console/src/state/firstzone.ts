/** The first zone of a node, from what a person typed: a circle, as docs/geojson.md writes one. */
import type { Key } from '../words';

/** What was typed is not taken, and the words that say why. Nothing is guessed. */
export class CircleRefused extends Error {
  constructor(readonly key: Key) {
    super(key);
  }
}

export interface TypedCircle {
  name: string;
  centre: string;
  radius: string;
  warning: string;
  party: string;
}

/** The GeoJSON feature of a circular zone. Raises CircleRefused where a figure is missing or out of range. */
export function circleZone(typed: TypedCircle): object {
  const place = /^\s*([+-]?\d{1,2}(?:\.\d+)?)\s*[, ]\s*([+-]?\d{1,3}(?:\.\d+)?)\s*$/.exec(typed.centre);
  const latitude = Number(place?.[1]);
  const longitude = Number(place?.[2]);
  if (!place || Math.abs(latitude) > 90 || Math.abs(longitude) > 180) throw new CircleRefused('zoneCentreWrong');
  return {
    type: 'Feature',
    geometry: { type: 'Point', coordinates: [longitude, latitude] },
    properties: {
      keepclear: {
        name: typed.name.trim(),
        kind: 'exclusion',
        declared_by: typed.party,
        warning_distance_m: metres(typed.warning, 0),
        circle: { radius_m: metres(typed.radius, Number.MIN_VALUE) },
      },
    },
  };
}

function metres(kilometres: string, least: number): number {
  const value = /^\s*\d+(\.\d+)?\s*$/.test(kilometres) ? Number(kilometres) : NaN;
  if (!(value >= least && value <= 20_000)) throw new CircleRefused('zoneRadiusWrong');
  return value * 1000;
}
