import { isUtf8 } from 'node:buffer';
import { promisify } from 'node:util';
import { brotliDecompress, gunzip, inflate } from 'node:zlib';
import { WireFault } from '../failures/request-failure.js';

export interface HttpBody {
  readonly body: string;
  /** It was no valid UTF-8: what could not be read stands as U+FFFD. */
  readonly garbled: boolean;
}

/** An answer of some thousand tokens has a few kB; what is larger is no chat completion. */
const MAX_BODY_BYTES = 32 * 1024 * 1024;

/** Nobody asks for these; some proxies use them all the same. `x-gzip` is gzip (RFC 9110, 8.4.1.3). */
const DECODERS: Readonly<Record<string, (bytes: Uint8Array, options: { maxOutputLength: number }) => Promise<Buffer>>> =
  {
    gzip: promisify(gunzip),
    'x-gzip': promisify(gunzip),
    deflate: promisify(inflate),
    br: promisify(brotliDecompress),
  };

/**
 * A body as a whole, decompressed.
 * @param encoding `content-encoding`; one that is not known leaves the bytes as they are
 * @throws WireFault `malformed` when it is too large to be a chat completion, also once decompressed; what the stream or the
 * decompression throws when it breaks off
 */
export async function readBody(stream: AsyncIterable<Uint8Array>, encoding: string | null): Promise<HttpBody> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of stream) {
    size += chunk.byteLength;
    if (size > MAX_BODY_BYTES) throw tooLarge();
    chunks.push(chunk);
  }
  const bytes = await decoded(Buffer.concat(chunks), encoding);
  // TextDecoder takes a byte-order mark away; toString would leave it.
  return { body: new TextDecoder().decode(bytes), garbled: !isUtf8(bytes) };
}

async function decoded(bytes: Buffer, encoding: string | null): Promise<Buffer> {
  // The last of several was applied last.
  const names = (encoding ?? '').toLowerCase().split(',').reverse();
  let current = bytes;
  for (const name of names) {
    const decode = DECODERS[name.trim()];
    if (decode) current = await decode(current, { maxOutputLength: MAX_BODY_BYTES }).catch(asTooLarge);
  }
  return current;
}

function asTooLarge(error: NodeJS.ErrnoException): never {
  throw error.code === 'ERR_BUFFER_TOO_LARGE' ? tooLarge() : error;
}

function tooLarge(): WireFault {
  const message = `a reply larger than ${MAX_BODY_BYTES / 2 ** 20} MiB`;
  return new WireFault('malformed', {
    words: {
      message,
      code: null,
      param: null,
      contentType: null,
      filtered: false,
      quotaUsedUp: false,
      keyUnknown: false,
    },
  });
}
