import type { FileHandle } from 'node:fs/promises';

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
