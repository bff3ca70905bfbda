import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { CHAIN_START, isGenuine, parseLink, sealed } from './hmac-chain.js';

/** Where an entry's line stands in its file, in bytes. */
export interface Span {
  readonly offset: number;
  readonly length: number;
}

/** Read, add to and make, but follow no link: Windows, which has no such flag, makes none without rights. */
const APPEND = constants.O_RDWR | constants.O_APPEND | constants.O_CREAT | (constants.O_NOFOLLOW ?? 0);

/** A file that is not what its writer left, up to a line torn by a crash. */
export class ForgedFile extends Error {
  /** @param line from 1 */
  constructor(readonly line: number) {
    super(`line ${line} does not verify`);
  }
}

/**
 * A file of JSON entries, one a line, to which entries are only ever added. Each line carries a code (HMAC) over itself and
 * the line before, so that none can be changed, added or taken out from the middle without the key.
 */
export class ChainedFile {
  #mac = CHAIN_START;
  #size = 0;
  #pending: string[] = [];
  #scheduled: Promise<void> | null = null;
  #running: Promise<unknown> = Promise.resolve();
  #broken: unknown = null;

  private constructor(
    private readonly file: FileHandle,
    private readonly key: Buffer,
  ) {}

  /**
   * Opens a file, new or with what earlier processes wrote, and cuts off a line that a crash left unfinished.
   * @param onEntry gets every entry that is there
   * @throws ForgedFile; the file system's errors
   */
  static async open(path: string, key: Buffer, onEntry: (entry: unknown, span: Span) => void): Promise<ChainedFile> {
    const file = await open(path, APPEND, 0o600);
    const chained = new ChainedFile(file, key);
    try {
      await chained.#takeUp(onEntry);
      // The entry in the folder must outlast a power cut too.
      await syncFolder(dirname(path));
      return chained;
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  get isEmpty(): boolean {
    return this.#size === 0 && this.#pending.length === 0;
  }

  /**
   * Adds an entry.
   * @returns once it is on the disk; entries that come meanwhile share the next write
   * @throws the file system's error, for this entry and all later ones: the file then ends with the last complete one
   */
  append(entry: unknown): Promise<void> {
    const { line, mac } = sealed(this.key, this.#mac, JSON.stringify(entry));
    this.#mac = mac;
    this.#pending.push(`${line}\n`);
    if (this.#scheduled === null) {
      this.#scheduled = this.#running.then(() => this.#flush());
      this.#running = this.#scheduled.catch(() => {});
    }
    return this.#scheduled;
  }

  async read({ offset, length }: Span): Promise<unknown> {
    const { buffer } = await this.file.read(Buffer.alloc(length), 0, length, offset);
    return JSON.parse(parseLink(buffer.toString('utf8'))?.text ?? 'null');
  }

  async close(): Promise<void> {
    await this.#running;
    await this.file.close();
  }

  async #flush(): Promise<void> {
    this.#scheduled = null;
    const bytes = Buffer.from(this.#pending.join(''));
    this.#pending = [];
    if (this.#broken !== null) throw this.#broken;
    try {
      await this.file.appendFile(bytes);
      await this.file.datasync();
      this.#size += bytes.length;
    } catch (error) {
      this.#broken = error;
      // Half a line does no harm to the next reader, who cuts it off too.
      await this.file.truncate(this.#size).catch(() => {});
      throw error;
    }
  }

  async #takeUp(onEntry: (entry: unknown, span: Span) => void): Promise<void> {
    let number = 0;
    let doubtful: number | null = null;
    for await (const line of linesOf(this.file)) {
      number += 1;
      const link = line.ended ? parseLink(line.text) : null;
      // After a line that is none, another that is one: this was no crash.
      if (link !== null && doubtful !== null) throw new ForgedFile(doubtful);
      if (link === null) {
        doubtful ??= number;
        continue;
      }
      if (!isGenuine(this.key, this.#mac, link)) throw new ForgedFile(number);
      this.#mac = link.mac;
      this.#size = endOf(line);
      onEntry(JSON.parse(link.text), { offset: line.offset, length: line.length });
    }
    if (doubtful !== null) await this.file.truncate(this.#size);
  }
}

function endOf({ offset, length }: Line): number {
  return offset + length + 1;
}

/** Best effort: some systems can't. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r').catch(() => null);
  await folder?.sync().catch(() => {});
  await folder?.close();
}

const LINE_FEED = 0x0a;

/** A line of a file with where it stands, in bytes. */
export interface Line {
  readonly text: string;
  readonly offset: number;
  /** Without the line feed. */
  readonly length: number;
  /** False for a last line that no line feed ends. */
  readonly ended: boolean;
}

/** The lines of a file of any size. Node's own readers give no offsets and split at U+2028 too. */
export async function* linesOf(file: FileHandle): AsyncGenerator<Line> {
  let offset = 0;
  let rest: Buffer[] = [];
  for await (const chunk of file.createReadStream({ start: 0, autoClose: false }) as AsyncIterable<Buffer>) {
    let from = 0;
    for (let end = chunk.indexOf(LINE_FEED); end >= 0; end = chunk.indexOf(LINE_FEED, from)) {
      const bytes = Buffer.concat([...rest, chunk.subarray(from, end)]);
      yield { text: bytes.toString('utf8'), offset, length: bytes.length, ended: true };
      offset += bytes.length + 1;
      rest = [];
      from = end + 1;
    }
    if (from < chunk.length) rest.push(chunk.subarray(from));
  }
  const bytes = Buffer.concat(rest);
  if (bytes.length > 0) yield { text: bytes.toString('utf8'), offset, length: bytes.length, ended: false };
}
