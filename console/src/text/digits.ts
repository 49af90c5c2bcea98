/** Digits as people of several languages type them. */

/** Arabic and Persian digits, decimal signs and commas as the plain ones. */
export function western(text: string): string {
  return text
    .replace(/[٠-٩]/g, (digit) => String(digit.charCodeAt(0) - 0x660))
    .replace(/[۰-۹]/g, (digit) => String(digit.charCodeAt(0) - 0x6f0))
    .replaceAll('٫', '.')
    .replaceAll('،', ',');
}
