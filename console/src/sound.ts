/** The sounds of the watch. A browser plays none before a person has pressed something: hence "Start the watch". */
import { view } from './state/view.svelte';
import type { Alert, Priority } from './wire/types';

const ALARM_EVERY_MS = 7_000;
const WARNING_AGAIN_MS = 60_000;
/** Frequencies in hertz, one tone after the other. A caution is silent. */
const TONES: Record<Priority, number[]> = { alarm: [880, 740, 880], warning: [660, 550], caution: [] };
const TONE_S = 0.16;
const GAP_S = 0.07;
const LOUDNESS = 0.18;

let context: AudioContext | null = null;
const played = new Map<string, number>();

/** Switches sound on, and plays each tone once, so that the officer knows them. */
export async function startSound(): Promise<void> {
  context ??= new AudioContext();
  await context.resume();
  view.soundOn = context.state === 'running';
  context.onstatechange = () => (view.soundOn = context?.state === 'running');
  play(TONES.warning, 0);
  play(TONES.alarm, 0.9);
}

/** Plays what the alerts that nobody has acknowledged call for now. To be called about once a second. */
export function soundAlerts(alerts: Alert[], now_ms: number): void {
  const raised = alerts.filter((alert) => alert.stage === 'raised');
  const known = new Set(raised.map((alert) => alert.id));
  for (const id of played.keys()) if (!known.has(id)) played.delete(id);
  if (!view.soundOn || now_ms < view.silentUntil_ms) return;
  const due = raised.filter((alert) => {
    const last = played.get(alert.id);
    if (last === undefined) return TONES[alert.priority].length > 0;
    return now_ms - last >= (alert.priority === 'alarm' ? ALARM_EVERY_MS : WARNING_AGAIN_MS);
  });
  const gravest = due.find((alert) => alert.priority === 'alarm') ?? due.find((alert) => alert.priority === 'warning');
  if (!gravest) return;
  play(TONES[gravest.priority], 0);
  for (const alert of due) played.set(alert.id, now_ms);
}

function play(tones: number[], after_s: number): void {
  if (!context) return;
  let start = context.currentTime + after_s;
  for (const frequency of tones) {
    const tone = context.createOscillator();
    const volume = context.createGain();
    tone.frequency.value = frequency;
    volume.gain.setValueAtTime(0, start);
    volume.gain.linearRampToValueAtTime(LOUDNESS, start + 0.015);
    volume.gain.linearRampToValueAtTime(0, start + TONE_S);
    tone.connect(volume).connect(context.destination);
    tone.start(start);
    tone.stop(start + TONE_S);
    start += TONE_S + GAP_S;
  }
}
