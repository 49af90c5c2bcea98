/** A message as it is being written: checked field by field, and made into what the node takes. */
import type { Key } from '../words';
import type { Flag, Kind, LineMessage, MessageForm, Precedence } from '../wire/linetypes';
import { placeOf, type TypedPlace } from './lineplacedraft';
import { NEEDS, PLACED } from './linethread';

/** Kinds that an officer writes, in the order in which they are offered. */
export const WRITTEN: Kind[] = ['notify', 'advise', 'warn', 'query', 'answer', 'object', 'amend', 'correct', 'withdraw', 'stop'];
export const PRECEDENCES: Precedence[] = ['routine', 'priority', 'immediate', 'flash'];
export const FLAGS: Flag[] = ['real', 'exercise', 'test'];
export const LANGUAGES = ['en', 'ru', 'ar', 'fr'] as const;

const TEXTLESS: ReadonlySet<Kind> = new Set<Kind>(['stop', 'withdraw']);

export interface TypedMessage {
  kind: Kind;
  precedence: Precedence;
  flag: Flag;
  text: string;
  language: string;
  translated: boolean;
  translation: { by: string; language: string; text: string };
  governs: 'original' | 'translation';
  zones: string[];
  typed: TypedPlace[];
  noPlace: boolean;
  /** The message that it refers to, by hash; empty for none. */
  about: string;
}

export type Field = 'text' | 'places' | 'about' | 'translation';
export type Faults = Partial<Record<Field, Key>>;

/** A form with nothing in it. The flag is REAL and is shown as chosen: an exercise is never taken for granted either. */
export function emptyMessage(kind: Kind = 'notify', about = ''): TypedMessage {
  return {
    kind,
    precedence: kind === 'stop' ? 'flash' : 'priority',
    flag: 'real',
    text: '',
    language: 'en',
    translated: false,
    translation: { by: '', language: 'ar', text: '' },
    governs: 'original',
    zones: [],
    typed: [],
    noPlace: false,
    about,
  };
}

/** What is missing or wrong, by field; nothing where the message may be signed. */
export function faultsOf(typed: TypedMessage): Faults {
  const faults: Faults = {};
  if (!typed.text.trim() && !TEXTLESS.has(typed.kind)) faults.text = 'line.textNeeded';
  if (typed.translated && (!typed.translation.text.trim() || !typed.translation.by.trim())) {
    faults.translation = 'line.translationNeeded';
  }
  if (NEEDS[typed.kind] && !typed.about) faults.about = 'line.aboutNeeded';
  if (typed.typed.some((place) => placeOf(place) === null)) faults.places = 'line.placeWrong';
  else if (isTwice(typed)) faults.places = 'line.placeTwice';
  else if (PLACED.has(typed.kind) && !hasPlace(typed) && !typed.noPlace) faults.places = 'line.placeNeeded';
  else if (typed.noPlace && (typed.zones.length || typed.typed.length)) faults.places = 'line.placeBoth';
  return faults;
}

/** The message as the node takes it; only for one without faults. */
export function messageForm(typed: TypedMessage, signing: { by: string; passphrase?: string }): MessageForm {
  const { kind, precedence, flag, language } = typed;
  const how = NEEDS[kind] ?? 'about';
  return {
    kind,
    precedence: kind === 'stop' ? 'flash' : precedence,
    flag,
    language,
    text: typed.text.trim(),
    ...(typed.translated ? { translation: typed.translation, governs: typed.governs } : {}),
    no_place: typed.noPlace,
    zones: typed.zones,
    places: typed.typed.map(placeOf).filter((place) => place !== null),
    refs: typed.about ? [{ hash: typed.about, how }] : [],
    ...signing,
  };
}

/** The messages that another may refer to: what people said, the newest first. */
export function referable(messages: LineMessage[]): LineMessage[] {
  const service = new Set<Kind>(['open', 'keys', 'comms-check', 'acknowledge', 'withhold']);
  return messages.filter((message) => !service.has(message.kind)).reverse();
}

function hasPlace(typed: TypedMessage): boolean {
  // A message that is about another one has that one's places.
  return typed.zones.length > 0 || typed.typed.length > 0 || typed.about !== '';
}

/** Whether two of the places have one name: in a message each is named differently. */
function isTwice({ zones, typed }: TypedMessage): boolean {
  const names = [...zones, ...typed.map((place) => place.name.trim())];
  return new Set(names).size < names.length;
}
