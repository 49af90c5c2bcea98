/** What the node says of its lines, as docs/wire.md defines it under "The lines". Times are ISO 8601 text in UTC. */

export type Condition = 'attended' | 'unattended' | 'degraded' | 'never-heard';
export type Precedence = 'routine' | 'priority' | 'immediate' | 'flash';
export type Flag = 'real' | 'exercise' | 'test';
export type Kind =
  | 'open'
  | 'keys'
  | 'comms-check'
  | 'test'
  | 'notify'
  | 'advise'
  | 'warn'
  | 'query'
  | 'answer'
  | 'acknowledge'
  | 'object'
  | 'amend'
  | 'withdraw'
  | 'correct'
  | 'stop'
  | 'disclose'
  | 'withhold'
  | 'voice';
export type How = 'about' | 'answers' | 'amends' | 'withdraws' | 'corrects' | 'acknowledges' | 'objects';
export type ReceiptStep = 'receipted' | 'plotted' | 'passed' | 'responded';
export type LineResponse = 'noted' | 'query' | 'objection' | 'advise-against' | 'counter-proposal' | 'no-objection';
/** The languages that have a list of read-back words. */
export type WordLanguage = 'en' | 'ru' | 'ar' | 'fr';
export type WordsInEach = Record<WordLanguage, string[]>;

export interface LineOfficer {
  id: string;
  name: string;
  post: string;
  empowered: boolean;
}

export interface LineWay {
  way: string;
  carried: string | null;
  failing: string | null;
  trouble: string;
}

export interface Line {
  line: string;
  own: string;
  other: string;
  open: boolean;
  heard_open: boolean;
  condition: Condition;
  heard: string | null;
  attended: string | null;
  clock: { ahead_ms: number; error_ms: number } | null;
  ways: LineWay[];
  /** The telephone numbers on the other's card. */
  phones: string[];
  held_cut: boolean;
  epoch: number;
  size: number;
  confirmed: number;
  waiting: number;
  other_epoch: number;
  other_size: number;
  /** The size that our log is known to have had, while this node has less of it. */
  reverted: number | null;
  faults: { rule: string; words: string }[];
  unproved: boolean;
  withheld: boolean;
  officers: LineOfficer[];
  other_officers: LineOfficer[];
  unanswered: number;
  overdue: number;
  pairing: WordsInEach;
}

/** Latitude, then longitude, in whole 1e-7 degrees. */
export type GridPair = [number, number];

export type LineShape =
  | { kind: 'point'; at: GridPair }
  | { kind: 'circle'; centre: GridPair; radius_cm: number }
  | { kind: 'polygon'; rings: GridPair[][] }
  | { kind: 'corridor'; line: GridPair[]; half_width_cm: number };

export interface LineHeight {
  cm: number;
  datum: string;
}

export interface LinePlace {
  name: string;
  shape: LineShape;
  lower?: LineHeight;
  upper?: LineHeight;
  from_ms?: number;
  until_ms?: number;
}

export interface LineText {
  composed_ms: number;
  language: string;
  originator: string;
  text: string;
  occurred_ms?: number;
  translation?: { by: string; language: string; text: string };
  governs?: 'original' | 'translation';
  channel?: string;
  voice_log?: string;
  no_place?: boolean;
}

export interface LineContents {
  text?: LineText;
  places?: { places: LinePlace[] };
  echo?: { places: LinePlace[] };
  contact?: { name?: string; phones?: string[]; frequency?: string };
  validity?: { keep_until_ms: number };
}

export interface StepTaken {
  step: ReceiptStep;
  response: LineResponse | null;
  echelon: string | null;
  by: string;
  post: string;
  /** When by the other's clock, and when it came by ours. */
  said: string;
  at: string;
  hash: string;
  plotted: boolean;
  differences: string[];
}

/** How far a message of ours has come. The states stand side by side and never merge. */
export interface LineReception {
  stage: string;
  sent: string | null;
  way: string;
  delivered: string | null;
  due: string | null;
  overdue: boolean;
  steps: StepTaken[];
}

/** What a message of the other's asks of our people. */
export interface LineDuty {
  arrived: string;
  due: string;
  overdue: boolean;
  way: string;
  steps: ReceiptStep[];
  climbed: number;
}

export type PartState = 'open' | 'unreadable' | 'awaited' | 'not-released' | 'withheld' | 'gone';

export interface LinePart {
  open: boolean;
  state: PartState;
  /** What came in its place, where that is no such part. */
  raw: string | null;
  released: string[];
  commitment: string;
  /** Its speaker gives it no more: who, since when by that party's clock, and in which entry. */
  withheld: { by: string; at: string; index: number } | null;
}

export interface LineMessage {
  hash: string;
  line: string;
  from: string;
  own: boolean;
  epoch: number;
  index: number;
  kind: Kind;
  precedence: Precedence;
  flag: Flag;
  at: string;
  /** When the node came by it, by our clock; `at` is by its sender's. */
  came: string | null;
  /** It came ahead of its turn, and what was said before it has not come yet. */
  ahead: boolean;
  by: { name: string; post: string } | null;
  refs: { hash: string; how: How }[];
  parts: Record<string, LinePart>;
  contents: LineContents;
  words: WordsInEach;
  voice_words?: WordsInEach;
  /** The kind that was spoken, of a message by voice. */
  spoken?: Kind;
  acknowledges: { step: ReceiptStep; response: LineResponse | null; echelon: string | null } | null;
  reception: LineReception | null;
  duty: LineDuty | null;
}

export interface LineChange {
  change: string;
  messages: string[];
  words: string;
}

export interface Holder {
  to: string;
  since: string;
  way: string;
  /** Sent, and not known to have arrived; or taken, since when the other's machine cosigned it. */
  state: 'sent' | 'taken';
  taken: string | null;
  /** Who released it and why, where a person did. */
  by: string;
  reason: string;
}

export type Holders = Record<string, Holder[]>;

export interface MessageForm {
  kind: Kind;
  precedence: Precedence;
  flag: Flag;
  text: string;
  language: string;
  translation?: { by: string; language: string; text: string };
  governs?: 'original' | 'translation';
  no_place?: boolean;
  places?: LinePlace[];
  zones?: string[];
  refs?: { hash: string; how: How }[];
  by: string;
  passphrase?: string;
}

export interface ReceiptForm {
  step: ReceiptStep;
  response?: LineResponse;
  echelon?: string;
  text?: string;
  language?: string;
  precedence?: Precedence;
  by: string;
  passphrase?: string;
}

export interface VoiceWordsForm {
  kind: Kind;
  precedence: Precedence;
  flag: Flag;
  text: string;
  heard?: string;
  heard_in?: WordLanguage;
}

export interface VoiceForm extends VoiceWordsForm {
  language: string;
  channel?: string;
  places?: LinePlace[];
  refs?: { hash: string; how: How }[];
  by: string;
  passphrase?: string;
}

export interface HeardWord {
  number: number;
  expected: string;
  typed: string | null;
  verdict: 'match' | 'mismatch' | 'missing';
  nearest: string | null;
}

export interface VoiceWords {
  words: WordsInEach;
  groups: Record<WordLanguage, { number: number; group: string; word: string }[]>;
  heard: { matches: boolean; words: HeardWord[]; extra: string[] } | null;
}

export interface TextDifference {
  number: number;
  mine: string | null;
  theirs: string | null;
}

export interface Pairing {
  party: string;
  names: Record<string, string>;
  words: WordsInEach;
}

export interface OfficerForm {
  name: string;
  post: string;
  empowered: boolean;
}

export interface PaperTaken {
  missing: number[];
  wrong: string[];
}
