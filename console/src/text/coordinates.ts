/** Positions as people write them: decimal degrees, degrees and minutes, or degrees, minutes and seconds. WGS 84. */
import { western } from './digits';

const NUMBER = String.raw`(\d{1,3}(?:\.\d+)?)`;
const REST = String.raw`(?:\s*[°d:\s]\s*(\d{1,2}(?:\.\d+)?)(?:\s*['′m:\s]\s*(\d{1,2}(?:\.\d+)?))?)?\s*(?:"|″|''|′′|s|'|′|m|°)?`;
const LETTERED = new RegExp(`^${NUMBER}${REST}\\s*([NS])[\\s,;/]*${NUMBER}${REST}\\s*([EW])$`, 'i');
const DECIMAL = /^([+-]?\d{1,2}(?:\.\d+)?)°?\s*[,;\s]\s*([+-]?\d{1,3}(?:\.\d+)?)°?$/;
const E7 = 1e7;
const KM_CM = 100_000;

/**
 * Latitude and longitude in whole 1e-7 degrees, or null for what is not both of them, or cannot be told for certain.
 *
 * Without letters, only two decimal figures are read, the latitude first. Minutes and seconds need N or S, and E or W.
 */
export function positionOf(typed: string): [number, number] | null {
  const text = western(typed).trim();
  const plain = DECIMAL.exec(text);
  if (plain) return checked(Number(plain[1]), Number(plain[2]));
  const found = LETTERED.exec(text);
  if (!found) return null;
  const [, d1, m1, s1, north, d2, m2, s2, east] = found;
  const latitude = angle(d1, m1, s1);
  const longitude = angle(d2, m2, s2);
  if (latitude === null || longitude === null) return null;
  return checked(/s/i.test(north ?? '') ? -latitude : latitude, /w/i.test(east ?? '') ? -longitude : longitude);
}

/** Kilometres as typed, in whole centimetres; null for what is no length above 0 and up to `most_km`. */
export function lengthCm(typed: string, most_km: number): number | null {
  const text = western(typed).trim();
  if (!/^\d+(\.\d+)?$/.test(text)) return null;
  const length_cm = Math.round(Number(text) * KM_CM);
  return length_cm > 0 && length_cm <= most_km * KM_CM ? length_cm : null;
}

function angle(degrees?: string, minutes?: string, seconds?: string): number | null {
  const [m, s] = [Number(minutes ?? 0), Number(seconds ?? 0)];
  // A fraction may stand only in the last figure: 33.5°20′ has no single meaning.
  if (m >= 60 || s >= 60 || (minutes && degrees?.includes('.')) || (seconds && minutes?.includes('.'))) return null;
  return Number(degrees) + m / 60 + s / 3600;
}

function checked(latitude: number, longitude: number): [number, number] | null {
  if (Math.abs(latitude) > 90 || Math.abs(longitude) > 180) return null;
  return [Math.round(latitude * E7), Math.round(longitude * E7)];
}
