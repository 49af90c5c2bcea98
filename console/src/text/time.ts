/** Times as the watch writes them: Zulu, and date-time groups. */
import { western } from './digits';

const MONTHS = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'];
const GROUP = /^(\d\d)(\d\d)(\d\d)Z\s*([A-Z]{3})\s*(?:20)?(\d\d)$/;
const ISO_MINUTE = /^(20\d\d-\d\d-\d\d)[T ](\d\d:\d\d)(?::00)?Z$/;

/** Milliseconds since 1970 of an ISO 8601 text; NaN when it is no time. */
export function instant(text: string): number {
  return Date.parse(text);
}

/**
 * A time as typed in Zulu, in milliseconds: `061400Z SEP 18`, or `2018-09-06T14:00Z`. Null for anything else, such as a
 * day that its month has not: a time without a zone is not guessed.
 */
export function zuluOf(typed: string): number | null {
  const text = western(typed).trim().toUpperCase();
  const group = GROUP.exec(text);
  const written = ISO_MINUTE.exec(text);
  if (!group && !written) return null;
  const stated = group
    ? `20${group[5]}-${two(MONTHS.indexOf(group[4] ?? '') + 1)}-${group[1]}T${group[2]}:${group[3]}`
    : `${written?.[1]}T${written?.[2]}`;
  const at_ms = Date.parse(`${stated}:00.000Z`);
  // Read back, because 30 February and 24 o'clock may be taken for other days.
  return Number.isFinite(at_ms) && iso(at_ms).startsWith(stated) ? at_ms : null;
}

/** ISO 8601 in UTC with milliseconds, as the node reads it. */
export function iso(at_ms: number): string {
  return new Date(at_ms).toISOString();
}

/** `221430Z NOV 26`: the date-time group of ACP 121, with spaces. */
export function dtg(at_ms: number): string {
  const date = new Date(at_ms);
  const day = two(date.getUTCDate()) + two(date.getUTCHours()) + two(date.getUTCMinutes());
  return `${day}Z ${MONTHS[date.getUTCMonth()]} ${two(date.getUTCFullYear() % 100)}`;
}

/** `06 SEP 18`. */
export function day(at_ms: number): string {
  const date = new Date(at_ms);
  return `${two(date.getUTCDate())} ${MONTHS[date.getUTCMonth()]} ${two(date.getUTCFullYear() % 100)}`;
}

/** `14:30:05Z`. */
export function clock(at_ms: number): string {
  return `${new Date(at_ms).toISOString().slice(11, 19)}Z`;
}

/** `14:30Z`. */
export function clockShort(at_ms: number): string {
  return `${new Date(at_ms).toISOString().slice(11, 16)}Z`;
}

/** A length of time as `mm:ss`, or `h:mm:ss` from one hour; never below zero. */
export function span(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const rest = `${two(Math.floor(whole / 60) % 60)}:${two(whole % 60)}`;
  return whole >= 3600 ? `${Math.floor(whole / 3600)}:${rest}` : rest;
}

function two(value: number): string {
  return String(value).padStart(2, '0');
}
