import { open, readdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { makeFolder } from '../core/folders.js';
import { AnswerBook, type Entry, OtherBook } from './answer-journal.js';
import { ForgedFile, linesOf } from './chained-file.js';
import { CHAIN_START, isGenuine, parseLink } from './hmac-chain.js';
import { type Binding, bindingKey, differences } from './journal-key.js';

/** Which book is wanted. */
export interface Wanted {
  /** Holds the books on one subject: those that may be told apart by their settings alone. */
  readonly folder: string;
  readonly binding: Binding;
  readonly key: Buffer;
  readonly now: Date;
}

export interface Opened {
  readonly book: AnswerBook;
  /** Why what was there is not used, as the end of a sentence; null when nothing was left aside. */
  readonly leftAside: string | null;
}

/**
 * The book with this binding, or a new one. One that does not verify is put aside, one of other settings stays where it is:
 * neither is ever mixed in.
 * @throws the file system's errors
 */
export async function openBook(wanted: Wanted): Promise<Opened> {
  const { folder, binding, key, now } = wanted;
  await makeFolder(folder, 0o700);
  const path = join(folder, `${bindingKey(binding)}.jsonl`);
  try {
    const book = await AnswerBook.open(path, key, binding, now);
    return { book, leftAside: book.isNew ? await otherSettings(wanted, path) : null };
  } catch (error) {
    const why = reasonToRefuse(error);
    if (why === null) throw error;
    const aside = `${path}.refused-${now.getTime()}`;
    await rename(path, aside);
    return { book: await AnswerBook.open(path, key, binding, now), leftAside: `${why}; it was renamed to ${aside}` };
  }
}

function reasonToRefuse(error: unknown): string | null {
  if (error instanceof ForgedFile) {
    return error.line === 1
      ? 'was written with another key (state-key, or the API key in its place), or edited'
      : `was edited: its line ${error.line} does not verify`;
  }
  return error instanceof OtherBook ? `is of other settings: ${error.differences.join(', ')}` : null;
}

/**
 * The binding of a book that has this one but for the parts named: what nobody can say now, because the model is gone.
 * @returns null when there is none
 */
export async function bindingLike(
  { folder, binding, key }: Pick<Wanted, 'folder' | 'binding' | 'key'>,
  unknown: readonly string[],
): Promise<Binding | null> {
  const known = (whole: Binding) =>
    Object.fromEntries(Object.entries(whole).filter(([name]) => !unknown.includes(name)));
  for (const path of await booksIn(folder)) {
    const there = await bindingOf(path, key);
    if (there !== null && differences(known(there), known(binding)).length === 0) return there;
  }
  return null;
}

async function booksIn(folder: string): Promise<readonly string[]> {
  const names = await readdir(folder).catch(() => []);
  return names.filter((name) => name.endsWith('.jsonl')).map((name) => join(folder, name));
}

/** How the nearest book on the same subject differs; null when there is none. */
async function otherSettings({ folder, binding, key }: Wanted, own: string): Promise<string | null> {
  const found: (readonly string[])[] = [];
  for (const path of (await booksIn(folder)).filter((other) => other !== own)) {
    const there = await bindingOf(path, key);
    if (there !== null) found.push(differences(there, binding));
  }
  const [nearest] = found.sort((a, b) => a.length - b.length);
  return nearest ? `is of other settings: ${nearest.join(', ')}` : null;
}

/** What a book is tied to, from its first line; null when that does not verify. */
async function bindingOf(path: string, key: Buffer): Promise<Binding | null> {
  const file = await open(path, 'r');
  try {
    for await (const { text } of linesOf(file)) {
      const link = parseLink(text);
      if (link === null || !isGenuine(key, CHAIN_START, link)) return null;
      const entry = JSON.parse(link.text) as Entry;
      return entry.kind === 'header' ? entry.binding : null;
    }
    return null;
  } finally {
    await file.close();
  }
}
