/** Values put into a sentence. */

const ISOLATE = '⁨';
const LEFT_TO_RIGHT = '⁦';
const END = '⁩';

/** `text` with each `{name}` replaced. Isolated values keep their order inside right-to-left text (UAX 9). */
export function filled(text: string, values: Record<string, string | number>, isolated: boolean): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => {
    const value = values[name];
    if (value === undefined) return whole;
    return isolated ? ISOLATE + String(value) + END : String(value);
  });
}

/** A figure that stays in order, `1.9 km`, whatever surrounds it; for text that the map draws. */
export function ltr(text: string): string {
  return LEFT_TO_RIGHT + text + END;
}
