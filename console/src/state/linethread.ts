/** What a thread of messages says: rows to show, what waits for whom, and which plots go with a message. */
import { instant } from '../text/time';
import type { Kind, How, LineMessage, LineOfficer, LinePlace, LineReception, ReceiptStep, StepTaken } from '../wire/linetypes';

/** Kinds that no person has to acknowledge, and that are shown on one line. */
export const QUIET: ReadonlySet<Kind> = new Set<Kind>(['open', 'keys', 'comms-check', 'test', 'acknowledge', 'disclose', 'withhold']);

/** How a kind must refer to another message; kinds that are not here need not refer to any. */
export const NEEDS: Partial<Record<Kind, How>> = {
  answer: 'answers',
  object: 'objects',
  amend: 'amends',
  withdraw: 'withdraws',
  correct: 'corrects',
};

/** Kinds that speak of a place and therefore say where. */
export const PLACED: ReadonlySet<Kind> = new Set<Kind>(['notify', 'advise', 'warn', 'amend']);

/** A STOP that nobody has receipted climbs when it has waited for so many seconds. */
export const STOP_RUNGS_S = [0, 60, 120, 180] as const;

export type Row = { form: 'message'; message: LineMessage } | { form: 'checks'; count: number; last: LineMessage };

/** The thread with runs of comms checks drawn together; a run ends where anything else was said. */
export function rowsOf(messages: LineMessage[]): Row[] {
  const rows: Row[] = [];
  for (const message of messages) {
    const before = rows.at(-1);
    if (message.kind !== 'comms-check') rows.push({ form: 'message', message });
    else if (before?.form === 'checks') rows[rows.length - 1] = { form: 'checks', count: before.count + 1, last: message };
    else rows.push({ form: 'checks', count: 1, last: message });
  }
  return rows;
}

/** The one way by which what is sent is known to have gone: the other's node answers. All others lie until taken. */
export const LINK = 'link';

/** How far it is known to have gone: it is here; it lies where the other may take it; the link took it; the other has it. */
export type Gone = 'queued' | 'laid' | 'sent' | 'taken';

/** What is known of a message of ours. What only lies in a folder or on paper is never called sent. */
export function goneOf(reception: LineReception): Gone {
  if (reception.delivered !== null || reception.steps.length) return 'taken';
  if (reception.sent === null) return 'queued';
  return reception.way === LINK ? 'sent' : 'laid';
}

/** What is known of a message of ours that was given by voice: null where it was not. */
export function spokenOf(message: LineMessage, messages: LineMessage[]): 'said' | 'read-back' | null {
  if (message.kind !== 'voice' || message.reception === null) return null;
  const voiced = new Set(messages.filter((one) => !one.own && one.kind === 'voice').map((one) => one.hash));
  return message.reception.steps.some((step) => voiced.has(step.hash)) ? 'read-back' : 'said';
}

/** Who may answer a STOP, beginning with the one whose turn it is on a rung: each rung calls the next of them. */
export function callOrder(officers: LineOfficer[], rung: number): LineOfficer[] {
  const empowered = officers.filter((one) => one.empowered);
  const first = empowered.length ? rung % empowered.length : 0;
  return [...empowered.slice(first), ...empowered.slice(0, first)];
}

/** Whether a person of the other party should have receipted our message by now, and none has. */
export function isOverdue(message: LineMessage, now_ms: number): boolean {
  const reception = message.reception;
  return reception !== null && reception.due !== null && !reception.steps.length && now_ms >= instant(reception.due);
}

/** Whether one of our people should have receipted the message by now, and none has. */
export function isOverdueHere(message: LineMessage, now_ms: number): boolean {
  return message.duty !== null && !message.duty.steps.length && now_ms >= instant(message.duty.due);
}

/** Whether a message of the other's waits for the first answer of one of our people. */
export function waitsHere(message: LineMessage): boolean {
  return message.duty !== null && message.duty.steps.length === 0;
}

/** What a message says: of one by voice the kind that was spoken. */
export function saysOf(message: LineMessage): Kind {
  return message.spoken ?? message.kind;
}

/** Every STOP that no person has receipted: the other's, which ring here, and ours, which ring there. */
export function openStops(messages: LineMessage[]): LineMessage[] {
  return messages.filter(
    (message) =>
      saysOf(message) === 'stop' &&
      (message.own ? message.reception !== null && !message.reception.steps.length : waitsHere(message)),
  );
}

/** The rung that a STOP has climbed to after waiting for so long: 0 for ringing, to 3 for everyone. */
export function rungAfter(waited_s: number): 0 | 1 | 2 | 3 {
  if (waited_s >= STOP_RUNGS_S[3]) return 3;
  if (waited_s >= STOP_RUNGS_S[2]) return 2;
  return waited_s >= STOP_RUNGS_S[1] ? 1 : 0;
}

/** The acknowledgements of a message by our own people, as they stand in the thread. */
export function ownSteps(messages: LineMessage[], hash: string): LineMessage[] {
  return messages.filter(
    (message) => message.own && message.acknowledges !== null && message.refs.some((ref) => ref.hash === hash),
  );
}

/** Whether one of our people has taken a step, by the node's list or by the thread. */
export function hasTaken(message: LineMessage, messages: LineMessage[], step: ReceiptStep): boolean {
  return (
    (message.duty?.steps.includes(step) ?? false) ||
    ownSteps(messages, message.hash).some((one) => one.acknowledges?.step === step)
  );
}

/** The places of a message, or of the nearest message that it refers to and that has some. */
export function placesOf(message: LineMessage, messages: LineMessage[], depth = 4): LinePlace[] {
  const own = message.contents.places?.places ?? message.contents.echo?.places;
  if (own?.length || depth === 0) return own ?? [];
  for (const ref of message.refs) {
    const found = messages.find((one) => one.hash === ref.hash);
    const places = found ? placesOf(found, messages, depth - 1) : [];
    if (places.length) return places;
  }
  return [];
}

/** The places as the other's node plotted them, where its plot differs from what we sent. */
export function differingPlot(step: StepTaken, messages: LineMessage[]): LinePlace[] {
  if (!step.differences.length) return [];
  return messages.find((one) => one.hash === step.hash)?.contents.echo?.places ?? [];
}

/** The number of a message as people say it: whose, and which. */
export function numberOf(message: Pick<LineMessage, 'from' | 'index'>): string {
  return `${message.from} #${message.index}`;
}
