/** Codes are ours, and so are the headings of the page: a code has its own, or that of its kind (`config.value`: `config`). */
const CODE = /^[a-z]+(?:-[a-z]+)*(?=$|\.[a-z]+(?:-[a-z]+)*$)/;

/** Under which heading of docs/reasons.md a code is explained; null for what is no code of ours. */
export function reasonAnchor(code: string): string | null {
  return CODE.exec(code)?.[0] ?? null;
}
