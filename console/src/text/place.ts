/** Positions as a person reads them out: MGRS and degrees, minutes, seconds. WGS 84. */
import { forward } from 'mgrs';

/** `37S DT 6447 0742`, to ten metres; empty outside 80 S to 84 N, where MGRS by zones does not reach. */
export function gridReference(longitude_deg: number, latitude_deg: number): string {
  if (latitude_deg < -80 || latitude_deg > 84) return '';
  const written = forward([wrapped(longitude_deg), latitude_deg], 4);
  const parts = /^(\d{1,2}[A-Z])([A-Z]{2})(\d{4})(\d{4})$/.exec(written);
  return parts ? `${parts[1]} ${parts[2]} ${parts[3]} ${parts[4]}` : written;
}

/** `33°30′20″N 038°37′02″E`, rounded to the nearest second. */
export function degreesMinutesSeconds(longitude_deg: number, latitude_deg: number): string {
  const longitude = wrapped(longitude_deg);
  return (
    `${angle(latitude_deg, 2)}${latitude_deg < 0 ? 'S' : 'N'} ` +
    `${angle(longitude, 3)}${longitude < 0 ? 'W' : 'E'}`
  );
}

/** Both of them, as the map shows them under the cursor. */
export function placeText(longitude_deg: number, latitude_deg: number): string {
  const grid = gridReference(longitude_deg, latitude_deg);
  const degrees = degreesMinutesSeconds(longitude_deg, latitude_deg);
  return grid ? `${grid}   ${degrees}` : degrees;
}

/** The same meridian between -180 and 180. */
export function wrapped(longitude_deg: number): number {
  return ((((longitude_deg + 180) % 360) + 360) % 360) - 180;
}

function angle(degrees: number, width: number): string {
  // Rounding the whole first keeps 59.6 seconds from being written as 60.
  const seconds = Math.round(Math.abs(degrees) * 3600);
  const whole = Math.floor(seconds / 3600);
  const minutes = Math.floor(seconds / 60) % 60;
  return `${pad(whole, width)}°${pad(minutes, 2)}′${pad(seconds % 60, 2)}″`;
}

function pad(value: number, width: number): string {
  return String(value).padStart(width, '0');
}
