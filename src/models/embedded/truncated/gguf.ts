/**
 * Cuts a GGUF model down to its first transformer blocks, as an embedding model.
 *
 * The embedded judge needs the hidden state after 18 of 30 blocks. llama.cpp refuses a
 * metadata override of the block count on the whole file ("wrong number of tensors"), so the
 * file itself has to be cut. `@huggingface/gguf`, the maintained package for the format, can
 * rewrite metadata but not drop tensors; hence this small writer. Layout: the GGUF
 * specification in ggml's docs/gguf.md, versions 2 and 3, little-endian.
 */

const MAGIC = 'GGUF';
const DEFAULT_ALIGNMENT = 32;
const POOLING_MEAN = 1;

const VALUE = { uint32: 4, string: 8, array: 9 } as const;

/** Bytes of a metadata value, by type number; 0 where the length varies. */
const VALUE_BYTES: readonly number[] = [1, 1, 2, 2, 4, 4, 4, 1, 0, 0, 8, 8, 8];

/** Elements in one quantisation block, and its bytes, by ggml type number (F32 … Q6_K); 0 where unknown here. */
const BLOCK_ELEMENTS: readonly number[] = [1, 1, 32, 32, 0, 0, 32, 32, 32, 0, 0, 0, 256, 256, 256];
const BLOCK_BYTES: readonly number[] = [4, 2, 18, 20, 0, 0, 22, 24, 34, 0, 0, 0, 144, 176, 210];

interface Entry {
  readonly key: string;
  readonly type: number;
  /** Key, type and value exactly as they stand in the file. */
  readonly raw: Uint8Array;
  /** The value alone. */
  readonly value: Uint8Array;
}

interface Tensor {
  readonly name: string;
  /** Name, shape and type as they stand in the file, without the offset that follows them. */
  readonly raw: Uint8Array;
  readonly data: Uint8Array;
}

interface GgufFile {
  readonly version: number;
  readonly entries: readonly Entry[];
  readonly tensors: readonly Tensor[];
  readonly alignment: number;
}

/**
 * Returns a new GGUF file with the blocks 0 to `blocks - 1` of `file` and mean pooling switched on.
 *
 * Everything else (tokenizer, embeddings, final norm) is carried over as it stands.
 *
 * @throws Error when `file` is not a complete GGUF file of version 2 or 3 with tensor types known
 * here, or when `blocks` is not an integer between 1 and the file's own block count.
 */
export function truncateGguf(file: Uint8Array, blocks: number): Uint8Array {
  const { version, entries, tensors, alignment } = parse(file);
  const architecture = text(find(entries, 'general.architecture', VALUE.string).value.subarray(8));
  const countKey = `${architecture}.block_count`;
  const poolingKey = `${architecture}.pooling_type`;
  const available = uint32At(find(entries, countKey, VALUE.uint32).value);
  if (!Number.isInteger(blocks) || blocks < 1 || blocks > available) {
    throw new Error(`Cannot keep ${blocks} blocks: the model has ${available}, so 1 to ${available} can be kept.`);
  }
  const kept = tensors.filter((tensor) => blockOf(tensor.name) < blocks);
  const metadata = entries
    .filter((entry) => entry.key !== poolingKey)
    .map((entry) => (entry.key === countKey ? uint32Entry(countKey, blocks) : entry.raw));
  metadata.push(uint32Entry(poolingKey, POOLING_MEAN));
  return assemble(version, metadata, kept, alignment);
}

/** The block a tensor belongs to; -1 for the ones outside all blocks, which are always kept. */
function blockOf(tensorName: string): number {
  const match = /^blk\.(\d+)\./.exec(tensorName);
  return match ? Number(match[1]) : -1;
}

function assemble(version: number, metadata: readonly Uint8Array[], tensors: readonly Tensor[], alignment: number) {
  const parts: Uint8Array[] = [
    new TextEncoder().encode(MAGIC),
    uint32(version),
    uint64(tensors.length),
    uint64(metadata.length),
    ...metadata,
  ];
  let offset = 0;
  for (const { raw, data } of tensors) {
    parts.push(raw, uint64(offset));
    offset += aligned(data.length, alignment);
  }
  parts.push(padding(Buffer.concat(parts).length, alignment));
  for (const { data } of tensors) parts.push(data, padding(data.length, alignment));
  return Buffer.concat(parts);
}

function parse(file: Uint8Array): GgufFile {
  const reader = new Reader(file);
  if (text(reader.bytes(4)) !== MAGIC) {
    throw new Error('Not a GGUF file: it does not begin with "GGUF".');
  }
  const version = reader.uint32();
  if (version !== 2 && version !== 3) {
    throw new Error(`GGUF version ${version} is not supported, only 2 and 3 (little-endian).`);
  }
  const tensorCount = reader.uint64();
  const entryCount = reader.uint64();
  const entries = repeat(entryCount, () => readEntry(reader, file));
  const alignment = alignmentOf(entries);
  const infos = repeat(tensorCount, () => readTensorInfo(reader, file));
  const dataStart = aligned(reader.position, alignment);
  const tensors = infos.map(({ name, raw, offset, length }) => {
    const start = dataStart + offset;
    if (start + length > file.length) {
      throw new Error(`The GGUF file is cut off: tensor "${name}" ends at byte ${start + length} of ${file.length}.`);
    }
    return { name, raw, data: file.subarray(start, start + length) };
  });
  return { version, entries, tensors, alignment };
}

function readEntry(reader: Reader, file: Uint8Array): Entry {
  const start = reader.position;
  const key = reader.string();
  const type = reader.uint32();
  const valueStart = reader.position;
  skipValue(reader, type);
  return { key, type, raw: file.subarray(start, reader.position), value: file.subarray(valueStart, reader.position) };
}

function skipValue(reader: Reader, type: number): void {
  const fixed = VALUE_BYTES[type];
  if (fixed || type === VALUE.string) {
    reader.bytes(fixed || reader.uint64());
    return;
  }
  if (type !== VALUE.array) {
    throw new Error(`The GGUF file holds a metadata value of unknown type ${type}.`);
  }
  const elementType = reader.uint32();
  const count = reader.uint64();
  const elementBytes = VALUE_BYTES[elementType];
  if (elementBytes) {
    reader.bytes(count * elementBytes);
    return;
  }
  for (let index = 0; index < count; index++) {
    skipValue(reader, elementType);
  }
}

function readTensorInfo(reader: Reader, file: Uint8Array) {
  const start = reader.position;
  const name = reader.string();
  const dimensions = repeat(reader.uint32(), () => reader.uint64());
  const type = reader.uint32();
  const raw = file.subarray(start, reader.position);
  const [perBlock, blockBytes] = [BLOCK_ELEMENTS[type], BLOCK_BYTES[type]];
  if (!perBlock || !blockBytes) {
    throw new Error(`Tensor "${name}" has the type ${type}, whose size is not known here.`);
  }
  const elements = dimensions.reduce((product, size) => product * size, 1);
  return { name, raw, length: Math.ceil(elements / perBlock) * blockBytes, offset: reader.uint64() };
}

function find(entries: readonly Entry[], key: string, type: number): Entry {
  const entry = entries.find((candidate) => candidate.key === key);
  if (entry?.type !== type) {
    throw new Error(`The GGUF file has no metadata "${key}" of the expected type.`);
  }
  return entry;
}

function alignmentOf(entries: readonly Entry[]): number {
  const entry = entries.find(({ key, type }) => key === 'general.alignment' && type === VALUE.uint32);
  const alignment = entry ? uint32At(entry.value) : DEFAULT_ALIGNMENT;
  if (alignment === 0 || alignment % 8 !== 0) {
    throw new Error(`The GGUF file asks for an alignment of ${alignment}; it must be a multiple of 8.`);
  }
  return alignment;
}

/** A cursor that never reads past the end of the file. */
class Reader {
  position = 0;
  readonly #file: Uint8Array;
  readonly #view: DataView;

  constructor(file: Uint8Array) {
    this.#file = file;
    this.#view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  }

  bytes(length: number): Uint8Array {
    const start = this.position;
    if (start + length > this.#file.length) {
      throw new Error(`The GGUF file is cut off: ${length} bytes wanted at byte ${start} of ${this.#file.length}.`);
    }
    this.position += length;
    return this.#file.subarray(start, start + length);
  }

  uint32(): number {
    this.bytes(4);
    return this.#view.getUint32(this.position - 4, true);
  }

  /** Sizes past 2^53 lose precision, but they lie past the end of any file and are refused by `bytes`. */
  uint64(): number {
    this.bytes(8);
    return Number(this.#view.getBigUint64(this.position - 8, true));
  }

  string(): string {
    return text(this.bytes(this.uint64()));
  }
}

/** Not `Array.from`: a count from a broken file may be huge, and `make` throws long before it is reached. */
function repeat<T>(count: number, make: () => T): readonly T[] {
  const made: T[] = [];
  while (made.length < count) made.push(make());
  return made;
}

const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

const aligned = (length: number, alignment: number): number => Math.ceil(length / alignment) * alignment;

const padding = (length: number, alignment: number): Uint8Array => new Uint8Array(aligned(length, alignment) - length);

const uint32At = (bytes: Uint8Array): number => new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);

function uint32(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value, true);
  return bytes;
}

function uint64(value: number): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(value), true);
  return bytes;
}

function uint32Entry(key: string, value: number): Uint8Array {
  const name = new TextEncoder().encode(key);
  return Buffer.concat([uint64(name.length), name, uint32(VALUE.uint32), uint32(value)]);
}
