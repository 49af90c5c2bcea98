/** Zones as the map draws them: along the outlines that the node has computed. */
import { statedDistance } from '../text/figures';
import type { ZoneFeature, Zones } from '../wire/types';

type Ring = [number, number][];

/** The drawn lines of a zone, each closed: along its true edge, or along its warning distance. */
export function outlines(lines: number[][][] | undefined): Ring[] {
  return (lines ?? []) as Ring[];
}

export function zoneName(zone: ZoneFeature): string {
  return zone.properties.keepclear?.name ?? String(zone.id ?? '');
}

/** How the zone is recognised, in neutral words: `declared by A, disputed by B`. */
export function recognitionWords(zone: ZoneFeature): string {
  const kept = zone.properties.keepclear;
  const stands = (kept?.recognition ?? []).filter((one) => one.party !== kept?.declared_by);
  return [`declared by ${kept?.declared_by ?? '?'}`, ...stands.map((one) => `${one.stand} by ${one.party}`)].join(', ');
}

/** Rings put together as polygons: a ring inside another is a hole in it. */
export function polygonsOf(rings: Ring[]): Ring[][] {
  const ordered = [...rings].sort((one, other) => areaOf(other) - areaOf(one));
  const polygons: Ring[][] = [];
  for (const ring of ordered) {
    const first = ring[0];
    const around = first && polygons.find((polygon) => polygon[0] && holds(polygon[0], first));
    if (around && !around.slice(1).some((hole) => holds(hole, first))) around.push(ring);
    else polygons.push([ring]);
  }
  return polygons;
}

export interface ZoneShapes {
  fills: GeoJSON.FeatureCollection;
  lines: GeoJSON.FeatureCollection;
  warnings: GeoJSON.FeatureCollection;
  names: GeoJSON.FeatureCollection;
}

/** What the map's sources are given for these zones. */
export function zoneShapes(zones: Zones): ZoneShapes {
  const shapes: ZoneShapes = { fills: empty(), lines: empty(), warnings: empty(), names: empty() };
  for (const zone of zones.features) {
    const kept = zone.properties.keepclear;
    const kind = kept?.kind ?? 'exclusion';
    const rings = outlines(zone.properties.outline);
    for (const polygon of polygonsOf(rings)) {
      shapes.fills.features.push(one({ type: 'Polygon', coordinates: polygon }, { kind, zone: zoneName(zone) }));
    }
    for (const ring of rings) shapes.lines.features.push(one({ type: 'LineString', coordinates: ring }, { kind }));
    for (const ring of outlines(zone.properties.warning_outline)) {
      shapes.warnings.features.push(one({ type: 'LineString', coordinates: ring }, { kind }));
      const away = kept?.warning_distance_m;
      if (away) shapes.names.features.push(label(top(ring), `+${statedDistance(away)}`, 'warning', zoneName(zone)));
    }
    const main = rings[0];
    if (!main) continue;
    const site = kind === 'protected-site';
    const radius = kept?.circle?.radius_m;
    const title = radius && !site ? `${zoneName(zone)}, ${statedDistance(radius)}` : zoneName(zone);
    shapes.names.features.push(label(site ? middle(main) : top(main), title, kind, zoneName(zone)));
  }
  return shapes;
}

/** The box around all zones with some room, west, south, east, north; null when there is none. */
export function extent(zones: Zones): [number, number, number, number] | null {
  const box: [number, number, number, number] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const zone of zones.features) {
    for (const ring of [...outlines(zone.properties.outline), ...outlines(zone.properties.warning_outline)]) {
      for (const [east, north] of ring) {
        box[0] = Math.min(box[0], east);
        box[1] = Math.min(box[1], north);
        box[2] = Math.max(box[2], east);
        box[3] = Math.max(box[3], north);
      }
    }
  }
  return Number.isFinite(box[0]) ? box : null;
}

function label(at: [number, number], text: string, kind: string, zone: string): GeoJSON.Feature {
  return one({ type: 'Point', coordinates: at }, { text, kind, zone });
}

function one(geometry: GeoJSON.Geometry, properties: Record<string, string>): GeoJSON.Feature {
  return { type: 'Feature', properties, geometry };
}

function empty(): GeoJSON.FeatureCollection {
  return { type: 'FeatureCollection', features: [] };
}

function top(ring: Ring): [number, number] {
  return ring.reduce((highest, corner) => (corner[1] > highest[1] ? corner : highest), ring[0] ?? [0, 0]);
}

function middle(ring: Ring): [number, number] {
  const corners = ring.slice(0, -1);
  const sum = corners.reduce<[number, number]>((all, corner) => [all[0] + corner[0], all[1] + corner[1]], [0, 0]);
  return [sum[0] / corners.length, sum[1] / corners.length];
}

function areaOf(ring: Ring): number {
  let twice = 0;
  for (let i = 0; i + 1 < ring.length; i += 1) {
    const [here, next] = [ring[i], ring[i + 1]];
    if (here && next) twice += here[0] * next[1] - next[0] * here[1];
  }
  return Math.abs(twice / 2);
}

/** Whether a ring goes around a point, on the flat map: only to tell holes from parts. */
function holds(ring: Ring, [east, north]: [number, number]): boolean {
  let inside = false;
  for (let i = 0, j = ring.length - 1; i < ring.length; j = i, i += 1) {
    const [here, before] = [ring[i], ring[j]];
    if (!here || !before || here[1] > north === before[1] > north) continue;
    const crossing = ((before[0] - here[0]) * (north - here[1])) / (before[1] - here[1]) + here[0];
    if (east < crossing) inside = !inside;
  }
  return inside;
}
