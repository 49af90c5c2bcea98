import { describe, expect, it } from 'vitest';
import { commandOf } from '../src/keys';

function press(code: string, more: Partial<KeyboardEvent> = {}) {
  return { code, key: '', shiftKey: false, ctrlKey: false, altKey: false, metaKey: false, ...more };
}

describe('the keys', () => {
  it('go by their place, so that an Arabic layout works', () => {
    expect(commandOf(press('KeyA', { key: 'ش' }), false)).toBe('acknowledge');
    expect(commandOf(press('KeyJ', { key: 'ت' }), false)).toBe('next');
  });

  it('do nothing while a person types, but for F6', () => {
    for (const code of ['KeyA', 'KeyX', 'Space', 'BracketLeft']) expect(commandOf(press(code), true)).toBeNull();
    expect(commandOf(press('Slash', { key: '?', shiftKey: true }), true)).toBeNull();
    expect(commandOf(press('F6'), true)).toBe('region');
  });

  it('leave the browser its own combinations', () => {
    for (const held of ['ctrlKey', 'altKey', 'metaKey'] as const) {
      expect(commandOf(press('KeyA', { [held]: true }), false)).toBeNull();
    }
  });

  it('with Shift go ten minutes or the other way, and never acknowledge', () => {
    expect(commandOf(press('BracketLeft', { shiftKey: true }), false)).toBe('back10');
    expect(commandOf(press('F6', { shiftKey: true }), false)).toBe('regionBack');
    expect(commandOf(press('KeyA', { shiftKey: true, key: 'A' }), false)).toBeNull();
  });

  it('open the list of keys wherever the question mark is', () => {
    expect(commandOf(press('Slash', { shiftKey: true, key: '?' }), false)).toBe('help');
    expect(commandOf(press('Minus', { shiftKey: true, key: '?' }), false)).toBe('help');
  });
});
