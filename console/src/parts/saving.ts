/** Files that the node gives out, saved by the browser under the node's name for them. */

/** Saves a file; the address that this takes is given back at once. */
export function save(blob: Blob, name: string): void {
  const address = URL.createObjectURL(blob);
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.click();
  window.setTimeout(() => URL.revokeObjectURL(address), 10_000);
}
