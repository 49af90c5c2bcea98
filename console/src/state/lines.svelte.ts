/** The lines of the node, the thread of each, and what this person is doing on them. */
import { t } from '../words';
import { NotDone } from '../wire/client';
import { lineApi } from '../wire/lineclient';
import type { Line, LineChange, LineMessage, LineOfficer, LinePlace } from '../wire/linetypes';
import { lookBack } from './lookback.svelte';
import { callOrder, differingPlot, openStops, placesOf, waitsHere } from './linethread';
import { view } from './view.svelte';

const SETTLE_MS = 120;
const ATTENDED_EVERY_MS = 60_000;

/** Which window about a line is open. */
export type LineDialog = 'none' | 'pairing' | 'voice' | 'carry' | 'officers';

class Lines {
  list = $state.raw<Line[]>([]);
  threads = $state.raw<Record<string, LineMessage[]>>({});
  /** The line that is shown, by name. */
  chosen = $state('');
  /** The message that is selected and drawn on the map, by hash. */
  selected = $state('');
  dialog = $state<LineDialog>('none');
  /** Whether the form for a message is open, and the message that it is to refer to, by hash. */
  writing = $state(false);
  about = $state('');
  /** Whether the form is to be opened for a STOP. */
  stopping = $state(false);
  /** The passphrase of the officer's key, once the node has asked for it; kept for as long as the page is open. */
  passphrase = $state('');
  passphraseAsked = $state(false);
  /** Told of each message of the other's that came since the console was opened and that a person must answer. */
  onMessage: (message: LineMessage) => void = () => undefined;

  private readonly asking = new Map<string, number>();
  private attended_ms = 0;

  get line(): Line | undefined {
    return this.list.find((one) => one.line === this.chosen) ?? this.list[0];
  }

  get thread(): LineMessage[] {
    return this.threads[this.line?.line ?? ''] ?? [];
  }

  /** Every STOP on any line that no person has receipted. */
  get stops(): LineMessage[] {
    return Object.values(this.threads).flatMap(openStops);
  }

  /** The message that is selected, in the thread that is shown. */
  get message(): LineMessage | undefined {
    return this.thread.find((one) => one.hash === this.selected);
  }

  /** Takes all lines, as at the start of a connection. */
  takeAll(list: Line[]): void {
    this.list = list;
    if (!list.length) this.threads = {};
    for (const line of list) this.refresh(line.line);
  }

  /** Takes a line that changed, and asks for its thread where the change is about messages. */
  take(line: Line, change: LineChange): void {
    this.put(line);
    if (change.messages.length || change.change !== 'heard') this.refresh(line.line);
  }

  put(line: Line): void {
    const known = this.list.some((one) => one.line === line.line);
    this.list = known ? this.list.map((one) => (one.line === line.line ? line : one)) : [...this.list, line];
  }

  /** Puts a message that the node has just answered with into its thread, and asks for the rest. */
  putMessage(message: LineMessage): void {
    const thread = this.threads[message.line] ?? [];
    const others = thread.filter((one) => one.hash !== message.hash);
    this.threads = { ...this.threads, [message.line]: [...others, message] };
    this.refresh(message.line);
  }

  /** Asks for a thread, once for all the changes of a moment. */
  refresh(line: string): void {
    window.clearTimeout(this.asking.get(line));
    this.asking.set(
      line,
      window.setTimeout(() => void this.fetch(line), SETTLE_MS),
    );
  }

  /** A person does something at this screen: told to the other parties once a minute at most. */
  attend(now_ms: number): void {
    if (!view.officer || lookBack.active || now_ms - this.attended_ms < ATTENDED_EVERY_MS) return;
    const open = this.list.filter((line) => line.open);
    if (!open.length) return;
    this.attended_ms = now_ms;
    for (const line of open) void lineApi.attended(line.line).then((told) => this.put(told), ignored);
  }

  private async fetch(line: string): Promise<void> {
    try {
      const thread = await lineApi.thread(line);
      const known = this.threads[line];
      this.threads = { ...this.threads, [line]: thread };
      const before = new Set(known?.map((message) => message.hash));
      // What was there at the start is no news; a STOP is, for as long as nobody has receipted it.
      for (const message of thread) {
        if (before.has(message.hash) || !waitsHere(message)) continue;
        if (known || message.kind === 'stop') this.onMessage(message);
      }
    } catch (error) {
      ignored(error);
    }
  }
}

/** What the node could not do now; the connection tells of its own loss, and the next change asks again. */
function ignored(error: unknown): void {
  if (!(error instanceof NotDone)) throw error;
}

export const lines = new Lines();

/** Does something on a line; answers what went wrong in words, or nothing. */
export async function doing(act: () => Promise<void>): Promise<string> {
  if (lookBack.active) return t('cannotAct');
  try {
    await act();
    lines.passphraseAsked = false;
    return '';
  } catch (error) {
    if (!(error instanceof NotDone)) throw error;
    if (error.code === 'keys.passphrase') lines.passphraseAsked = true;
    return error.message;
  }
}

/** The officer of our side of the line whose name this person has signed on with. */
export function signerOf(line: Line): LineOfficer | undefined {
  return line.officers.find((officer) => officer.name === view.officer?.name);
}

/** Why the person who is signed on may not answer a STOP, in words; empty where they may. */
export function barredFromStop(line: Line): string {
  const name = view.officer?.name ?? '';
  const officers = line.officers.map((one) => one.name).join(', ');
  const signer = signerOf(line);
  if (!signer) return t('line.notOfficer', { name, officers });
  return signer.empowered ? '' : t('line.mayNotAnswer', { name, officers: othersWhoMayAnswer(line, 0) });
}

/** Those of our people who may answer a STOP, beside whoever sits here; the one whose turn it is on a rung first. */
export function othersWhoMayAnswer(line: Line, rung: number): string {
  const others = callOrder(line.officers, rung).filter((one) => one.name !== view.officer?.name);
  return others.map((one) => `${one.name}, ${one.post}`).join('; ');
}

/** Who signs, as the node wants it. */
export function signing(): { by: string; passphrase?: string } {
  return { by: view.officer?.name ?? '', ...(lines.passphrase ? { passphrase: lines.passphrase } : {}) };
}

/** The places that the map is to show of the selected message, and those that came back otherwise, over them. */
export function selectedPlaces(): { place: LinePlace; role: 'sent' | 'plotted'; words: string }[] {
  const message = lines.message;
  if (!message) return [];
  const sent = placesOf(message, lines.thread).map((place) => ({ place, role: 'sent' as const, words: '' }));
  const echoes = (message.reception?.steps ?? []).flatMap((step) => differingPlot(step, lines.thread));
  const other = lines.line?.other ?? '';
  return [
    ...sent,
    ...echoes.map((place) => ({ place, role: 'plotted' as const, words: t('line.plottedBy', { name: place.name, party: other }) })),
  ];
}
