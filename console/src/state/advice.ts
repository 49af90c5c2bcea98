/** What is said about an alert over a channel, ready to be read and changed before it is signed. */
import { distance } from '../text/figures';
import { gridReference } from '../text/place';
import { clock, instant } from '../text/time';
import type { Alert, Track } from '../wire/types';
import { figureOf } from './alerts';

/**
 * Where the track is now, and what is asked of it. The evidence of an alert is of the moment when something changed:
 * minutes later its distance is no longer true, so it is used only where the node does not tell of the track.
 */
export function adviceOf(alert: Alert, step: 'advise' | 'warn', track: Track | undefined, now_ms: number): string {
  return `${factOf(alert, track, now_ms)}. ${requestOf(alert, step)}`;
}

function factOf(alert: Alert, track: Track | undefined, now_ms: number): string {
  const figure = figureOf(alert, track, now_ms);
  const recorded = (alert.latest.words || alert.words).replace(/\.?\s*$/, '');
  if (!track) return recorded;
  const name = track.callsign || track.name;
  const at = `at ${gridReference(track.longitude_deg, track.latitude_deg)} at ${clock(instant(track.at))}`;
  switch (figure.form) {
    case 'inside':
      return `${name} inside zone ${alert.zone}, ${distance(figure.distance_m)} inside the edge, ${at}`;
    case 'outside':
      return `${name} near zone ${alert.zone}, ${distance(figure.distance_m)} outside the edge, ${at}`;
    case 'entry':
      return `${name} closing on zone ${alert.zone}, entry expected ${clock(now_ms + figure.seconds * 1000)}, ${at}`;
    default:
      return recorded;
  }
}

function requestOf(alert: Alert, step: 'advise' | 'warn'): string {
  const outside = alert.kind === 'approach';
  if (step === 'warn') return outside ? 'Turn away now.' : 'Turn away and leave now.';
  return outside ? 'Request that it keeps clear.' : 'Request that it leaves.';
}
