/** The lines of the node, the thread of each, and what this person is doing on them. */
import { t } from '../words';
import { NotDone } from '../wire/client';
import { lineApi, PAGE } from '../wire/lineclient';
import type { Line, LineChange, LineMessage, LineOfficer, LinePlace } from '../wire/linetypes';
import { lookBack } from './lookback.svelte';
import { callOrder, differingPlot, openStops, placesOf, saysOf, waitsHere } from './linethread';
import { view } from './view.svelte';

const SETTLE_MS = 120;
const ATTENDED_EVERY_MS = 60_000;

/** Which window about a line is open. */
export type LineDialog = 'none' | 'pairing' | 'voice' | 'carry' | 'officers';

class Lines {
  list = $state.raw<Line[]>([]);
  threads = $state.raw<Record<string, LineMessage[]>>({});
  /** Every message on which a person must act, the loudest first, however far back it is. */
  waits = $state.raw<Record<string, LineMessage[]>>({});
  /** Whether more was said on a line than its thread shows. */
  more = $state.raw<Record<string, boolean>>({});
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
  /** The typed places of the message that is being written, as far as they can be read: drawn before it is signed. */
  drafted = $state.raw<LinePlace[]>([]);
  /** The passphrase of the officer's key, once the node has asked for it; kept for as long as the page is open. */
  passphrase = $state('');
  passphraseAsked = $state(false);
  /** Told of each message of the other's that came since the console was opened and that a person must answer. */
  onMessage: (message: LineMessage) => void = () => undefined;

  private readonly asking = new Map<string, number>();
  /** How many pages of a thread are to be shown, where it is more than one. */
  private readonly pages = new Map<string, number>();
  private attended_ms = 0;

  get line(): Line | undefined {
    return this.list.find((one) => one.line === this.chosen) ?? this.list[0];
  }

  get thread(): LineMessage[] {
    return this.threads[this.line?.line ?? ''] ?? [];
  }

  /** What waits for a person on the line that is shown, and is further back than its thread. */
  get buried(): LineMessage[] {
    return notIn(this.thread, this.waits[this.line?.line ?? ''] ?? []);
  }

  /** Every STOP on any line that no person has receipted. */
  get stops(): LineMessage[] {
    return this.list.flatMap(({ line }) => {
      const thread = this.threads[line] ?? [];
      return openStops([...notIn(thread, this.waits[line] ?? []), ...thread]);
    });
  }

  /** The message that is selected, in what is shown. */
  get message(): LineMessage | undefined {
    return [...this.buried, ...this.thread].find((one) => one.hash === this.selected);
  }

  /** Shows one page more of what was said before. */
  showEarlier(line: string): void {
    this.pages.set(line, (this.pages.get(line) ?? 1) + 1);
    void this.fetch(line);
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

  /** As many pages of a thread as are to be shown, the newest last. */
  private async threadOf(line: string): Promise<LineMessage[]> {
    let page = await lineApi.thread(line);
    let thread = page;
    for (let pages = this.pages.get(line) ?? 1; pages > 1 && page.length === PAGE; pages -= 1) {
      page = await lineApi.thread(line, page[0]?.hash);
      thread = [...page, ...thread];
    }
    this.more = { ...this.more, [line]: page.length === PAGE };
    return thread;
  }

  private async fetch(line: string): Promise<void> {
    try {
      const [thread, waits] = await Promise.all([this.threadOf(line), lineApi.waiting(line)]);
      const known = this.threads[line];
      this.threads = { ...this.threads, [line]: thread };
      this.waits = { ...this.waits, [line]: waits };
      const before = new Set(known?.map((message) => message.hash));
      // What was there at the start is no news; a STOP is, for as long as nobody has receipted it.
      for (const message of [...notIn(thread, waits), ...thread]) {
        if (before.has(message.hash) || !waitsHere(message)) continue;
        if (known || saysOf(message) === 'stop') this.onMessage(message);
      }
    } catch (error) {
      ignored(error);
    }
  }
}

/** Those of some messages that a thread does not show. */
function notIn(thread: LineMessage[], messages: LineMessage[]): LineMessage[] {
  const shown = new Set(thread.map((message) => message.hash));
  return messages.filter((message) => !shown.has(message.hash));
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

/** The places that the map is to show: those being typed; or else those of the selected message, and those that came back otherwise, over them. */
export function selectedPlaces(): { place: LinePlace; role: 'sent' | 'plotted'; words: string }[] {
  if (lines.drafted.length) return lines.drafted.map((place) => ({ place, role: 'sent' as const, words: '' }));
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
