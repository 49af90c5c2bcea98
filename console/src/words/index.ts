/** The words of the console in the language that was chosen. */
import { view } from '../state/view.svelte';
import { ar } from './ar';
import { en, type Key } from './en';
import { filled } from './fill';

export type { Key };

/** The words for a key, with values put in; a value keeps its own direction inside Arabic text. */
export function t(key: Key, values: Record<string, string | number> = {}): string {
  const isolated = view.language === 'ar';
  return filled((isolated ? ar : en)[key], values, isolated);
}

/** The words for a key that the node composed, or the node's own word where the console has none. */
export function tOr(key: string, otherwise: string, values: Record<string, string | number> = {}): string {
  return key in en ? t(key as Key, values) : otherwise;
}
