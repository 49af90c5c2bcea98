/** The ends of height bands: of a zone as docs/geojson.md writes them, of a message's place as docs/protocol.md does. */
import type { LineHeight } from '../wire/linetypes';
import type { ZoneHeight } from '../wire/types';

const METRE_CM = 100;
const FOOT_CM = 30.48;
const LEVEL_CM = 100 * FOOT_CM;

/** `FL 120`, `3000 ft MSL`, `500 m AGL`; `open` where the band has no end there. */
export function heightWords(height: ZoneHeight | null | undefined, open: string): string {
  if (!height) return open;
  if (height.flight_level !== undefined && height.flight_level !== null) return `FL ${height.flight_level}`;
  const datum = (height.datum ?? '').toUpperCase();
  const figure = height.height_ft !== undefined && height.height_ft !== null ? `${height.height_ft} ft` : `${height.height_m} m`;
  return `${figure} ${datum}`.trim();
}

/** `4,500 m (14,764 ft) MSL`; `FL 120` for a pressure height of a whole level. Metres to the centimetre. */
export function placeHeight({ cm, datum }: LineHeight): string {
  if (datum === 'pressure' && cm % LEVEL_CM === 0) return `FL ${cm / LEVEL_CM}`;
  const figures = `${(cm / METRE_CM).toLocaleString('en')} m (${Math.round(cm / FOOT_CM).toLocaleString('en')} ft)`;
  return `${figures} ${datum === 'pressure' ? 'pressure, 1013.25 hPa' : datum.toUpperCase()}`;
}
