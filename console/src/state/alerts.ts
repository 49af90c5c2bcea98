/** The order of alerts, and which step a person is asked for next. */
import { instant } from '../text/time';
import type { Alert, Priority, StepName, Track } from '../wire/types';

export const STEPS: StepName[] = ['acknowledge', 'advise', 'warn', 'escalate', 'close'];

const RANK: Record<Priority, number> = { alarm: 0, warning: 1, caution: 2 };
/** A predicted time is counted down to the second only while the report behind it is younger than this. */
export const EXACT_AGE_MAX_S = 10;

/** What still holds comes first; then by priority, by what time is left, and the oldest. */
export function inOrder(alerts: Alert[]): Alert[] {
  return [...alerts].sort(
    (one, other) =>
      Number(one.cleared !== null) - Number(other.cleared !== null) ||
      RANK[one.priority] - RANK[other.priority] ||
      dueOf(one) - dueOf(other) ||
      instant(one.raised) - instant(other.raised) ||
      (one.id < other.id ? -1 : 1),
  );
}

/** When the alert's predicted entry is expected; later than everything when none is. */
function dueOf(alert: Alert): number {
  const expected = alert.latest.entry_expected;
  return expected === null ? Number.MAX_SAFE_INTEGER : instant(expected);
}

/** The step to take next: the first one open that has not been taken; closing once the condition has ended. */
export function nextStep(alert: Alert): StepName | null {
  if (alert.stage === 'raised' && alert.next.includes('acknowledge')) return 'acknowledge';
  if (alert.cleared !== null && alert.next.includes('close')) return 'close';
  if (alert.prompted && alert.next.includes('warn')) return 'warn';
  const taken = new Set(alert.steps.map((step) => step.step));
  const open = STEPS.filter((step) => step !== 'close' && alert.next.includes(step));
  return open.find((step) => !taken.has(step)) ?? open.at(-1) ?? (alert.next.includes('close') ? 'close' : null);
}

export type Figure =
  | { form: 'inside'; distance_m: number }
  | { form: 'outside'; distance_m: number }
  | { form: 'entry'; seconds: number; exact: boolean }
  | { form: 'silent'; seconds: number }
  | { form: 'ended'; at_ms: number }
  | { form: 'none' };

/**
 * The one figure that an alert shows, from what the node says of its first track now, or else of its latest evidence.
 *
 * Once the condition has ended, the figure is when: what its track does since then is another alert's matter.
 * `exact` is false for a time to entry whose report is old: it is then written "about 5 min", and not counted down.
 */
export function figureOf(alert: Alert, track: Track | undefined, now_ms: number): Figure {
  if (alert.cleared !== null) return { form: 'ended', at_ms: instant(alert.cleared) };
  const seen = track?.zones.find((zone) => zone.zone === alert.zone);
  const at_ms = instant(track?.at ?? alert.latest.at);
  const age_s = (now_ms - at_ms) / 1000;
  if (alert.kind === 'silence' || alert.kind === 'feed-lost') {
    return { form: 'silent', seconds: Math.max(0, age_s) };
  }
  const distance_m = seen ? seen.distance_m : alert.latest.distance_m;
  const expected = seen ? seen.entry_expected : alert.latest.entry_expected;
  if (distance_m !== null && distance_m <= 0) return { form: 'inside', distance_m: -distance_m };
  if (expected !== null && instant(expected) > now_ms) {
    return { form: 'entry', seconds: (instant(expected) - now_ms) / 1000, exact: age_s < EXACT_AGE_MAX_S };
  }
  return distance_m === null ? { form: 'none' } : { form: 'outside', distance_m };
}
