/** Keys by their place on the keyboard (`event.code`), so that they work on Arabic and Cyrillic layouts. */

export type Command =
  | 'next'
  | 'previous'
  | 'acknowledge'
  | 'advise'
  | 'warn'
  | 'escalate'
  | 'close'
  | 'silence'
  | 'fit'
  | 'theme'
  | 'pause'
  | 'back'
  | 'back10'
  | 'forward'
  | 'forward10'
  | 'region'
  | 'regionBack'
  | 'line'
  | 'help';

const PLAIN: Record<string, Command> = {
  KeyJ: 'next',
  KeyK: 'previous',
  KeyA: 'acknowledge',
  KeyD: 'advise',
  KeyW: 'warn',
  KeyE: 'escalate',
  KeyX: 'close',
  KeyM: 'silence',
  KeyZ: 'fit',
  KeyT: 'theme',
  KeyL: 'line',
  Space: 'pause',
  BracketLeft: 'back',
  BracketRight: 'forward',
  F6: 'region',
};

const SHIFTED: Record<string, Command> = {
  BracketLeft: 'back10',
  BracketRight: 'forward10',
  F6: 'regionBack',
  Slash: 'help',
};

/** What a key asks for; null for nothing. `typing`: the person is in a text field, where only F6 counts. */
export function commandOf(
  key: Pick<KeyboardEvent, 'code' | 'key' | 'shiftKey' | 'ctrlKey' | 'altKey' | 'metaKey'>,
  typing: boolean,
): Command | null {
  if (key.ctrlKey || key.altKey || key.metaKey) return null;
  if (typing && key.code !== 'F6') return null;
  // On some layouts the question mark is not on Shift and Slash.
  if (key.key === '?') return 'help';
  return (key.shiftKey ? SHIFTED : PLAIN)[key.code] ?? null;
}

/** The list that `?` shows: the caps as they are printed on a Latin keyboard, and the words' key. */
export const KEY_LIST = [
  ['J', 'key.next'],
  ['K', 'key.previous'],
  ['A', 'key.acknowledge'],
  ['D', 'key.advise'],
  ['W', 'key.warn'],
  ['E', 'key.escalate'],
  ['X', 'key.close'],
  ['M', 'key.silence'],
  ['Z', 'key.fit'],
  ['T', 'key.theme'],
  ['L', 'key.line'],
  ['Space', 'key.pause'],
  ['[', 'key.back'],
  [']', 'key.forward'],
  ['F6', 'key.region'],
  ['?', 'key.help'],
  ['Ctrl ⏎', 'key.sign'],
  ['Esc', 'key.leave'],
] as const;

/** Whether the event comes from where a person types. */
export function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (/^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName) || target.isContentEditable);
}
