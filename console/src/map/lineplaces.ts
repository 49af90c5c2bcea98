/** The places of messages as the map draws them: circles and corridors along geodesics, as the numbers say. */
import geodesic from 'geographiclib-geodesic';
import { statedDistance } from '../text/figures';
import type { GridPair, LinePlace, LineShape } from '../wire/linetypes';

const EARTH = geodesic.Geodesic.WGS84;
const E7 = 1e7;
const CIRCLE_CORNERS = 120;
const EDGE_PART_M = 20_000;
const EDGE_PARTS_MAX = 60;
const ROUND_PARTS = 12;

type Point = [number, number];

/** Of which of the two sides of a message a shape is: as it was sent, or as the other's node plotted it. */
export type PlaceRole = 'sent' | 'plotted';

export interface PlaceShapes {
  fills: GeoJSON.FeatureCollection;
  lines: GeoJSON.FeatureCollection;
  names: GeoJSON.FeatureCollection;
}

/** What the map's sources are given for these places; a shape that comes last is drawn over the others. */
export function placeShapes(places: { place: LinePlace; role: PlaceRole; words: string }[]): PlaceShapes {
  const shapes: PlaceShapes = { fills: collection(), lines: collection(), names: collection() };
  for (const { place, role, words } of places) {
    const rings = ringsOf(place.shape);
    // The drawn edge of a corridor crosses itself inside a sharp corner, which no filling gets right: it has none.
    const filled = rings.length > 0 && role === 'sent' && place.shape.kind !== 'corridor';
    if (filled) shapes.fills.features.push(feature({ type: 'Polygon', coordinates: rings }, role));
    for (const ring of rings) shapes.lines.features.push(feature({ type: 'LineString', coordinates: ring }, role));
    const at = place.shape.kind === 'point' ? pointOf(place.shape.at) : top(rings[0] ?? []);
    if (at) {
      const named = feature({ type: 'Point', coordinates: at }, role);
      const dot = place.shape.kind === 'point' ? { dot: true } : {};
      named.properties = { role, text: words || titleOf(place), ...dot };
      shapes.names.features.push(named);
    }
  }
  return shapes;
}

/** The box around places, west, south, east, north; null when there is none. */
export function placesExtent(places: LinePlace[]): [number, number, number, number] | null {
  const points = places.flatMap((place) =>
    place.shape.kind === 'point' ? [pointOf(place.shape.at)] : ringsOf(place.shape).flat(),
  );
  if (!points.length) return null;
  const east = points.map((point) => point[0]);
  const north = points.map((point) => point[1]);
  return [Math.min(...east), Math.min(...north), Math.max(...east), Math.max(...north)];
}

/** The closed lines of a shape's edge, longitude before latitude; none for a point. */
export function ringsOf(shape: LineShape): Point[][] {
  switch (shape.kind) {
    case 'point':
      return [];
    case 'circle':
      return [circle(shape.centre, shape.radius_cm / 100)];
    case 'polygon':
      return shape.rings.map((ring) => along([...ring, ...ring.slice(0, 1)].map(pointOf)));
    case 'corridor':
      return [around(shape.line.map(pointOf), shape.half_width_cm / 100)];
  }
}

function titleOf(place: LinePlace): string {
  return place.shape.kind === 'circle' ? `${place.name}, ${statedDistance(place.shape.radius_cm / 100)}` : place.name;
}

function pointOf([latitude, longitude]: GridPair): Point {
  return [longitude / E7, latitude / E7];
}

function circle(centre: GridPair, radius_m: number): Point[] {
  const from = pointOf(centre);
  return unbroken(
    Array.from({ length: CIRCLE_CORNERS + 1 }, (_, i) => away(from, (i % CIRCLE_CORNERS) * (360 / CIRCLE_CORNERS), radius_m)),
  );
}

/** Geodesics through the points, in short parts. */
function along(points: Point[]): Point[] {
  const line: Point[] = points.slice(0, 1);
  for (let i = 1; i < points.length; i += 1) {
    const [from, to] = [points[i - 1] as Point, points[i] as Point];
    const { s12 = 0, azi1 = 0 } = EARTH.Inverse(from[1], from[0], to[1], to[0]);
    const parts = Math.min(EDGE_PARTS_MAX, Math.ceil(s12 / EDGE_PART_M));
    for (let part = 1; part < parts; part += 1) line.push(away(from, azi1, (s12 * part) / parts));
    line.push(to);
  }
  return unbroken(line);
}

/** The edge of a corridor: both sides, with round ends and corners. A picture of it; the node decides what is inside. */
function around(line: Point[], half_width_m: number): Point[] {
  const side = (points: Point[]): Point[] =>
    points.slice(1).flatMap((to, i) => {
      const from = points[i] as Point;
      const { azi1 = 0, azi2 = 0 } = EARTH.Inverse(from[1], from[0], to[1], to[0]);
      const end = i === points.length - 2;
      const cap = end
        ? Array.from({ length: ROUND_PARTS }, (_, n) => away(to, azi2 - 90 + ((n + 1) * 180) / ROUND_PARTS, half_width_m))
        : [];
      return [away(from, azi1 - 90, half_width_m), away(to, azi2 - 90, half_width_m), ...cap];
    });
  const ring = [...side(line), ...side([...line].reverse())];
  return unbroken([...ring, ...ring.slice(0, 1)]);
}

function away(from: Point, azimuth_deg: number, distance_m: number): Point {
  const { lat2 = from[1], lon2 = from[0] } = EARTH.Direct(from[1], from[0], azimuth_deg, distance_m);
  return [lon2, lat2];
}

/** The same line without jumps at 180 degrees: longitudes run on past it, as RFC 7946 viewers expect of one shape. */
function unbroken(line: Point[]): Point[] {
  let before = line[0]?.[0] ?? 0;
  return line.map(([east, north]) => {
    before += ((((east - before + 180) % 360) + 360) % 360) - 180;
    return [before, north];
  });
}

function top(ring: Point[]): Point | undefined {
  const first = ring[0];
  return first && ring.reduce((highest, corner) => (corner[1] > highest[1] ? corner : highest), first);
}

function feature(geometry: GeoJSON.Geometry, role: PlaceRole): GeoJSON.Feature {
  return { type: 'Feature', properties: { role }, geometry };
}

function collection(): GeoJSON.FeatureCollection {
  return { type: 'FeatureCollection', features: [] };
}
