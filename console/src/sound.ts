/** The sounds of the watch. A browser plays none before a person has pressed something: hence "Start the watch". */
import { view } from './state/view.svelte';
import type { Priority } from './wire/types';

const ALARM_EVERY_MS = 7_000;
const WARNING_AGAIN_MS = 60_000;
/** Frequencies in hertz, one tone after the other. A caution is silent. */
const TONES: Record<Priority, number[]> = { alarm: [880, 740, 880], warning: [660, 550], caution: [] };
const MESSAGE_HZ = 520;
const TONE_S = 0.16;
const GAP_S = 0.07;
const LOUDNESS = 0.18;

/** Something that nobody has acknowledged, and that therefore sounds. */
export interface Call {
  id: string;
  priority: Priority;
}

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

/** Plays what nobody has acknowledged calls for now. To be called about once a second. */
export function soundCalls(raised: Call[], now_ms: number): void {
  const known = new Set(raised.map((call) => call.id));
  for (const id of played.keys()) if (!known.has(id)) played.delete(id);
  if (!view.soundOn || now_ms < view.silentUntil_ms) return;
  const due = raised.filter((call) => {
    const last = played.get(call.id);
    if (last === undefined) return TONES[call.priority].length > 0;
    return now_ms - last >= (call.priority === 'alarm' ? ALARM_EVERY_MS : WARNING_AGAIN_MS);
  });
  const gravest = due.find((call) => call.priority === 'alarm') ?? due.find((call) => call.priority === 'warning');
  if (!gravest) return;
  play(TONES[gravest.priority], 0);
  for (const call of due) played.set(call.id, now_ms);
}

/** One soft tone: a message has come on a line. */
export function soundMessage(now_ms: number): void {
  if (view.soundOn && now_ms >= view.silentUntil_ms) play([MESSAGE_HZ], 0);
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
