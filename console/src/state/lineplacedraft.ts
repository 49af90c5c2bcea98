/** A place as it is being typed: read field by field, and made into what the node takes. Nothing is guessed. */
import { lengthCm, positionOf } from '../text/coordinates';
import { western } from '../text/digits';
import { zuluOf } from '../text/time';
import type { Key } from '../words';
import type { GridPair, LineHeight, LinePlace, LineShape } from '../wire/linetypes';

export type ShapeKind = LineShape['kind'];
export const SHAPES: ShapeKind[] = ['point', 'circle', 'polygon', 'corridor'];

/** In what a height is measured, and from what: a height never goes without it. */
export type Measure = 'm agl' | 'ft agl' | 'm msl' | 'ft msl' | 'm hae' | 'ft hae' | 'fl';
export const MEASURES: Measure[] = ['m agl', 'ft agl', 'm msl', 'ft msl', 'm hae', 'ft hae', 'fl'];

export interface TypedHeight {
  figure: string;
  measure: Measure | '';
}

export interface TypedPlace {
  name: string;
  kind: ShapeKind;
  /** One position; of a polygon or a corridor one on each line. */
  at: string;
  /** Kilometres: the radius of a circle, the half-width of a corridor. */
  size: string;
  lower: TypedHeight;
  upper: TypedHeight;
  from: string;
  until: string;
}

/** What is wrong with a field: words, and what is put into them. */
export interface Fault {
  key: Key;
  values?: Record<string, string | number>;
}

export type PlaceField = 'name' | 'at' | 'size' | 'lower' | 'upper' | 'from' | 'until';
export type PlaceFaults = Partial<Record<PlaceField, Fault>>;

/** The fewest positions that make each shape; a point and a circle have just one. */
const FEWEST: Record<ShapeKind, number> = { point: 1, circle: 1, polygon: 3, corridor: 2 };
const POSITIONS_MAX = 256;
const RADIUS_MAX_KM = 19_970;
const HALF_WIDTH_MAX_KM = 9_000;
const METRE_CM = 100;
const FOOT_CM = 30.48;
const LEVEL_CM = 100 * FOOT_CM;
const HEIGHT_LEAST_CM = -1_200_000;
const HEIGHT_MOST_CM = 10_000_000_000;

/** A place of which nothing has been typed. */
export function emptyPlace(): TypedPlace {
  const height = (): TypedHeight => ({ figure: '', measure: '' });
  return { name: '', kind: 'point', at: '', size: '', lower: height(), upper: height(), from: '', until: '' };
}

/** Whether a shape has several positions, one on each line. */
export function isLong(kind: ShapeKind): boolean {
  return FEWEST[kind] > 1;
}

/** Whether a length goes with a shape. */
export function isWide(kind: ShapeKind): boolean {
  return kind === 'circle' || kind === 'corridor';
}

/** A typed place; null where one of its fields is missing or wrong. */
export function placeOf(typed: TypedPlace): LinePlace | null {
  return readPlace(typed).place;
}

/** A typed place, or what is missing or wrong in each of its fields. */
export function readPlace(typed: TypedPlace): { place: LinePlace | null; faults: PlaceFaults } {
  const name = typed.name.trim();
  const { shape, faults: unshaped } = shapeOf(typed);
  const [lower, upper] = [heightOf(typed.lower), heightOf(typed.upper)];
  const [from, until] = [timeOf(typed.from), timeOf(typed.until)];
  const faults: PlaceFaults = { ...unshaped };
  if (!name) faults.name = { key: 'line.nameNeeded' };
  if (isFault(lower)) faults.lower = lower;
  if (isFault(upper)) faults.upper = upper;
  else if (upper && lower && !isFault(lower) && isBelow(upper, lower)) faults.upper = { key: 'line.heightReversed' };
  if (isFault(from)) faults.from = from;
  if (isFault(until)) faults.until = until;
  else if (until !== null && from !== null && !isFault(from) && until < from) faults.until = { key: 'line.timeReversed' };
  const unread = isFault(lower) || isFault(upper) || isFault(from) || isFault(until);
  if (!shape || unread || Object.keys(faults).length) return { place: null, faults };
  const place: LinePlace = {
    name,
    shape,
    ...(lower ? { lower } : {}),
    ...(upper ? { upper } : {}),
    ...(from !== null ? { from_ms: from } : {}),
    ...(until !== null ? { until_ms: until } : {}),
  };
  return { place, faults };
}

function isFault(read: unknown): read is Fault {
  return typeof read === 'object' && read !== null && 'key' in read;
}

/** Whether the upper end is under the lower; ends of two datums are not compared. */
function isBelow(upper: LineHeight, lower: LineHeight): boolean {
  return upper.datum === lower.datum && upper.cm < lower.cm;
}

function shapeOf(typed: TypedPlace): { shape: LineShape | null; faults: PlaceFaults } {
  const at = positionsOf(typed);
  const size_cm = sizeOf(typed);
  if (isFault(at) || isFault(size_cm)) {
    return { shape: null, faults: { ...(isFault(at) ? { at } : {}), ...(isFault(size_cm) ? { size: size_cm } : {}) } };
  }
  return { shape: shaped(typed.kind, at, size_cm), faults: {} };
}

function shaped(kind: ShapeKind, at: GridPair[], size_cm: number): LineShape {
  const first = at[0] as GridPair;
  switch (kind) {
    case 'point':
      return { kind, at: first };
    case 'circle':
      return { kind, centre: first, radius_cm: size_cm };
    case 'polygon':
      return { kind, rings: [at] };
    case 'corridor':
      return { kind, line: at, half_width_cm: size_cm };
  }
}

function positionsOf({ kind, at }: TypedPlace): GridPair[] | Fault {
  const lines = at.split('\n').map((line) => line.trim());
  const typed = lines.filter(Boolean);
  const found = typed.length;
  if (found < FEWEST[kind] || (!isLong(kind) && found > 1)) return { key: `line.positions.${kind}`, values: { found } };
  if (found > POSITIONS_MAX) return { key: 'line.positionsMany', values: { found, most: POSITIONS_MAX } };
  const positions: GridPair[] = [];
  for (const [index, line] of lines.entries()) {
    if (!line) continue;
    const position = positionOf(line);
    if (!position) return { key: 'line.positionWrong', values: { number: index + 1, found: line } };
    positions.push(position);
  }
  const closed = kind === 'polygon' && String(positions[0]) === String(positions.at(-1));
  return closed ? { key: 'line.ringClosed', values: { number: found } } : positions;
}

/** Centimetres; 0 for a shape that has no length. */
function sizeOf({ kind, size }: TypedPlace): number | Fault {
  if (!isWide(kind)) return 0;
  const most = kind === 'circle' ? RADIUS_MAX_KM : HALF_WIDTH_MAX_KM;
  const key = kind === 'circle' ? 'line.radiusWrong' : 'line.halfWidthWrong';
  return lengthCm(size, most) ?? { key, values: { found: size.trim(), most: most.toLocaleString('en') } };
}

/** Null where no height is stated. */
function heightOf({ figure, measure }: TypedHeight): LineHeight | Fault | null {
  const text = western(figure).trim();
  if (!text) return null;
  const wrong: Fault = { key: 'line.heightWrong', values: { found: text } };
  if (!/^-?\d+(\.\d+)?$/.test(text)) return wrong;
  if (!measure) return { key: 'line.measureNeeded' };
  const cm = Math.round(Number(text) * unitCm(measure));
  if (cm < HEIGHT_LEAST_CM || cm > HEIGHT_MOST_CM) return wrong;
  return { cm, datum: measure === 'fl' ? 'pressure' : (measure.split(' ')[1] ?? '') };
}

function unitCm(measure: Measure): number {
  if (measure === 'fl') return LEVEL_CM;
  return measure.startsWith('ft') ? FOOT_CM : METRE_CM;
}

/** Null where no time is stated. */
function timeOf(typed: string): number | Fault | null {
  if (!typed.trim()) return null;
  return zuluOf(typed) ?? { key: 'line.timeWrong', values: { found: typed.trim() } };
}
