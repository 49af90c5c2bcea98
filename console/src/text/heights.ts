/** The ends of a zone's height band, as docs/geojson.md writes them. */
import type { ZoneHeight } from '../wire/types';

/** `FL 120`, `3000 ft MSL`, `500 m AGL`; `open` where the band has no end there. */
export function heightWords(height: ZoneHeight | null | undefined, open: string): string {
  if (!height) return open;
  if (height.flight_level !== undefined && height.flight_level !== null) return `FL ${height.flight_level}`;
  const datum = (height.datum ?? '').toUpperCase();
  const figure = height.height_ft !== undefined && height.height_ft !== null ? `${height.height_ft} ft` : `${height.height_m} m`;
  return `${figure} ${datum}`.trim();
}
