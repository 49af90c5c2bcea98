/** Figures with their units. The console never computes a distance to a zone: the node says it. */

const KNOT_MPS = 1852 / 3600;
const FOOT_M = 0.3048;

/** `850 m`, `9.4 km`, `128 km`. */
export function distance(metres: number): string {
  const far = Math.abs(metres);
  if (far < 950) return `${Math.round(far / 10) * 10} m`;
  return far < 99_500 ? `${(far / 1000).toFixed(1)} km` : `${Math.round(far / 1000)} km`;
}

/** A distance that someone stated, as short as it is exact: `55 km`, `2.5 km`, `800 m`. */
export function statedDistance(metres: number): string {
  return metres < 1000 ? `${metres} m` : `${Number((metres / 1000).toFixed(3))} km`;
}

/** `462 kt (856 km/h)`. */
export function speed(mps: number): string {
  return `${Math.round(mps / KNOT_MPS)} kt (${Math.round(mps * 3.6)} km/h)`;
}

/** `052°`, true. */
export function course(degrees: number): string {
  return `${String(Math.round(degrees) % 360).padStart(3, '0')}°`;
}

/** `10,670 m (35,007 ft)`, with its datum in words. A height is never shown without what it is measured from. */
export function altitude(metres: number, datum: string): string {
  const figure = `${Math.round(metres).toLocaleString('en')} m (${Math.round(metres / FOOT_M).toLocaleString('en')} ft)`;
  return `${figure} ${DATUMS[datum.toLowerCase()] ?? DATUMS.unknown}`;
}

const DATUMS: Record<string, string> = {
  hae: 'HAE',
  msl: 'MSL',
  agl: 'AGL',
  pressure: 'pressure, 1013.25 hPa',
  unknown: 'datum not known',
  '': 'datum not known',
};

/** The first and last places of a hash: `7f3a…c91d`. */
export function shortHash(hash: string): string {
  return hash.length > 10 ? `${hash.slice(0, 4)}…${hash.slice(-4)}` : hash;
}
