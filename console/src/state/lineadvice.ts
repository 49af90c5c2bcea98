/** An advice or a warning about an alert, said on a line: its text, where the track is, and the zone. */
import { zoneName } from '../map/zones';
import { lineApi } from '../wire/lineclient';
import type { Flag, LineMessage, LinePlace, MessageForm } from '../wire/linetypes';
import type { Alert, Track } from '../wire/types';
import { lines, signing } from './lines.svelte';
import { watch } from './watch.svelte';

const E7 = 1e7;

export interface Advice {
  step: 'advise' | 'warn';
  text: string;
  flag: Flag;
  language: string;
}

/** Signs and sends it; answers the message. Throws NotDone as the node refuses. */
export async function adviceOnLine(line: string, alert: Alert, advice: Advice): Promise<LineMessage> {
  const known = watch.zones.features.map(zoneName);
  const form = adviceForm(alert, advice, { track: watch.track(alert.tracks[0] ?? ''), zones: known });
  const said = await lineApi.say(line, { ...form, ...signing() });
  lines.putMessage(said);
  return said;
}

/** What is sent, but for who signs. An alert without a track and a zone says that it is of no place. */
export function adviceForm(
  alert: Alert,
  advice: Advice,
  about: { track: Track | undefined; zones: string[] },
): Omit<MessageForm, 'by'> {
  const places = about.track ? [placeOf(about.track)] : [];
  const zones = alert.zone !== null && about.zones.includes(alert.zone) ? [alert.zone] : [];
  return {
    kind: advice.step,
    precedence: 'immediate',
    flag: advice.flag,
    text: advice.text.trim(),
    language: advice.language,
    places,
    zones,
    no_place: !places.length && !zones.length,
  };
}

function placeOf(track: Track): LinePlace {
  const at: [number, number] = [Math.round(track.latitude_deg * E7), Math.round(track.longitude_deg * E7)];
  return { name: track.callsign || track.name, shape: { kind: 'point', at } };
}
