import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { truncateGguf } from '../../../../src/models/embedded/truncated/gguf.js';

const UINT32 = 4;
const STRING = 8;
const ARRAY = 9;
const F32 = 0;

interface TestTensor {
  readonly name: string;
  readonly type?: number;
  readonly data: Buffer;
}

interface TestFile {
  readonly version?: number;
  readonly alignment?: number;
  readonly metadata: readonly Buffer[];
  readonly tensors: readonly TestTensor[];
}

const u32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
};
const u64 = (value: number): Buffer => {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
};
const text = (value: string): Buffer => Buffer.concat([u64(Buffer.byteLength(value)), Buffer.from(value)]);
const number = (key: string, value: number): Buffer => Buffer.concat([text(key), u32(UINT32), u32(value)]);
const words = (key: string, values: readonly string[]): Buffer =>
  Buffer.concat([text(key), u32(ARRAY), u32(STRING), u64(values.length), ...values.map(text)]);
const architecture = Buffer.concat([text('general.architecture'), u32(STRING), text('llama')]);
const padded = (data: Buffer, alignment: number): Buffer =>
  Buffer.concat([data, Buffer.alloc(Math.ceil(data.length / alignment) * alignment - data.length)]);

function gguf({ version = 3, alignment = 32, metadata, tensors }: TestFile): Buffer {
  let offset = 0;
  const infos = tensors.map(({ name, type = F32, data }) => {
    const info = Buffer.concat([text(name), u32(1), u64(data.length / 4), u32(type), u64(offset)]);
    offset += padded(data, alignment).length;
    return info;
  });
  const header = [Buffer.from('GGUF'), u32(version), u64(tensors.length), u64(metadata.length), ...metadata, ...infos];
  return Buffer.concat([
    padded(Buffer.concat(header), alignment),
    ...tensors.map(({ data }) => padded(data, alignment)),
  ]);
}

const floats = (length: number, fill: number): Buffer => Buffer.alloc(length * 4, fill);
const embeddings: TestTensor = { name: 'token_embd.weight', data: floats(5, 1) };
const block = (index: number): TestTensor => ({
  name: `blk.${index}.attn_q.weight`,
  data: floats(3 + index, 10 + index),
});
const norm: TestTensor = { name: 'output_norm.weight', data: floats(2, 2) };
const tokens = words('tokenizer.ggml.tokens', ['a', 'ü', '']);

const threeBlocks: TestFile = {
  metadata: [architecture, number('llama.block_count', 3), tokens],
  tensors: [embeddings, block(0), block(1), block(2), norm],
};

describe('truncateGguf', () => {
  it('keeps the first blocks and all that belongs to no block, and switches mean pooling on', () => {
    expect(truncateGguf(gguf(threeBlocks), 2)).toEqual(
      gguf({
        metadata: [architecture, number('llama.block_count', 2), tokens, number('llama.pooling_type', 1)],
        tensors: [embeddings, block(0), block(1), norm],
      }),
    );
  });

  it('replaces a pooling type that the file already names', () => {
    const metadata = [architecture, number('llama.pooling_type', 0), number('llama.block_count', 1)];
    expect(truncateGguf(gguf({ metadata, tensors: [block(0)] }), 1)).toEqual(
      gguf({
        metadata: [architecture, number('llama.block_count', 1), number('llama.pooling_type', 1)],
        tensors: [block(0)],
      }),
    );
  });

  it('keeps to the alignment that the file asks for', () => {
    const alignment = 64;
    const start = [architecture, number('general.alignment', alignment)];
    expect(
      truncateGguf(gguf({ ...threeBlocks, alignment, metadata: [...start, number('llama.block_count', 3)] }), 1),
    ).toEqual(
      gguf({
        alignment,
        metadata: [...start, number('llama.block_count', 1), number('llama.pooling_type', 1)],
        tensors: [embeddings, block(0), norm],
      }),
    );
  });

  it('reads a file that lies inside a larger buffer', () => {
    const file = gguf(threeBlocks);
    const inside = Buffer.concat([Buffer.alloc(7), file]).subarray(7);
    expect(truncateGguf(inside, 1)).toEqual(truncateGguf(file, 1));
  });

  it('changes nothing when done twice, whatever the number of blocks', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 12 }), (count, wanted) => {
        fc.pre(wanted <= count);
        const tensors = [embeddings, ...Array.from({ length: count }, (_, index) => block(index))];
        const once = truncateGguf(
          gguf({ metadata: [architecture, number('llama.block_count', count)], tensors }),
          wanted,
        );
        expect(truncateGguf(once, wanted)).toEqual(once);
      }),
    );
  });

  it.each([0, 4, -1, 1.5, Number.NaN])('refuses to keep %p of 3 blocks', (blocks) => {
    expect(() => truncateGguf(gguf(threeBlocks), blocks)).toThrow(/has 3, so 1 to 3 can be kept/);
  });

  it('refuses what is not a GGUF file', () => {
    expect(() => truncateGguf(Buffer.from('PK\x03\x04 a zip file'), 1)).toThrow('Not a GGUF file');
    expect(() => truncateGguf(new Uint8Array(0), 1)).toThrow('cut off');
  });

  it.each([1, 4])('refuses version %p of the format', (version) => {
    expect(() => truncateGguf(gguf({ ...threeBlocks, version }), 1)).toThrow(
      `GGUF version ${version} is not supported`,
    );
  });

  it('refuses a file without a block count', () => {
    expect(() => truncateGguf(gguf({ ...threeBlocks, metadata: [architecture] }), 1)).toThrow('llama.block_count');
  });

  it('refuses a tensor type whose size it does not know', () => {
    const tensors = [{ ...norm, type: 99 }];
    expect(() => truncateGguf(gguf({ ...threeBlocks, tensors }), 1)).toThrow('"output_norm.weight" has the type 99');
  });

  it('refuses a file that was cut off anywhere', () => {
    const file = gguf(threeBlocks);
    // The last tensor's 8 bytes are followed by 24 bytes of padding, which may be missing.
    const needed = file.length - 24;
    fc.assert(
      fc.property(fc.integer({ min: 0, max: needed - 1 }), (length) => {
        expect(() => truncateGguf(file.subarray(0, length), 1)).toThrow(Error);
      }),
    );
    expect(() => truncateGguf(file.subarray(0, needed), 1)).not.toThrow();
  });
});
