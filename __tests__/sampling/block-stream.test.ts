import { describe, expect, it } from '@jest/globals';
import { ProviderError } from '../../src/core/errors.js';
import type { Drawn } from '../../src/judge/judged-answer.js';
import type { Arm } from '../../src/models/model.js';
import { Blocks } from '../../src/sampling/block-stream.js';
import { Halt } from '../../src/sampling/early-stop.js';
import { drawnOf } from './support.js';

const ITEMS = 3;

/** Draws that are settled by hand: `finish('candidate', 0, 2)`. */
function byHand(blocks: number) {
  const out = new Map<string, { resolve: (drawn: Drawn) => void; reject: (error: Error) => void }>();
  const halt = new Halt();
  const settled: Drawn[] = [];
  const draw = (arm: Arm, index: number, sample: number, signal: AbortSignal) =>
    new Promise<Drawn>((resolve, reject) => {
      out.set(`${arm} ${sample} ${index}`, { resolve, reject });
      signal.addEventListener('abort', () => reject(signal.reason));
    });
  const made = new Blocks({ draw }, halt, { items: ITEMS, blocks, seed: 1, ahead: 1 }, (drawn) => settled.push(drawn));
  const finish = (arm: Arm, sample: number, ...indices: number[]) => {
    for (const index of indices) out.get(`${arm} ${sample} ${index}`)?.resolve(drawnOf(index, sample, 90, arm));
  };
  return { out, halt, settled, blocks: made, finish };
}

async function take(count: number, from: AsyncGenerator<Drawn>): Promise<number[]> {
  const taken: number[] = [];
  while (taken.length < count) {
    const next = await from.next();
    if (next.done) break;
    taken.push(next.value.index);
  }
  return taken;
}

describe('blocks', () => {
  it("give the baseline's answers in battery order and the candidate's in order of arrival", async () => {
    const { blocks, finish } = byHand(1);
    const baseline = blocks.baseline(0);
    finish('candidate', 0, 2, 0);
    finish('baseline', 0, 2, 1, 0);
    expect((await baseline)?.map(({ index }) => index)).toEqual([0, 1, 2]);
    finish('candidate', 0, 1);
    expect(await take(4, blocks.candidate(0))).toEqual([2, 0, 1]);
  });

  it('are started one ahead, and never beyond the last', async () => {
    const { blocks, out } = byHand(2);
    void blocks.baseline(0);
    expect(out.size).toBe(2 * 2 * ITEMS);
    void blocks.baseline(1);
    expect(out.size).toBe(2 * 2 * ITEMS);
  });

  it('ask the candidate for the most suspect items first, the others and the baseline in random order', async () => {
    const asked: string[] = [];
    const draw = (arm: Arm, index: number, sample: number) => {
      asked.push(`${arm} ${index}`);
      return Promise.resolve(drawnOf(index, sample, 90, arm));
    };
    const suspicions = [0, 0, 0, 0.5, 0, 1, 0, 0];
    const shape = { items: suspicions.length, blocks: 1, seed: 1, ahead: 1 };
    await new Blocks({ draw }, new Halt(), shape).baseline(0);
    const random = asked.splice(0);
    await new Blocks({ draw }, new Halt(), { ...shape, suspicions: () => suspicions }).baseline(0);
    const suspects = ['candidate 5', 'candidate 3'];
    const others = random.slice(shape.items).filter((one) => !suspects.includes(one));
    expect(asked).toEqual([...random.slice(0, shape.items), ...suspects, ...others]);
  });

  it('give back what was settled and not taken, and forget what was', async () => {
    const { blocks, finish, halt, settled } = byHand(2);
    const baseline = blocks.baseline(0);
    finish('baseline', 0, 0, 1, 2);
    await baseline;
    const candidate = blocks.candidate(0);
    finish('candidate', 0, 0, 1);
    expect(await take(1, candidate)).toEqual([0]);
    finish('baseline', 1, 2);
    await Promise.resolve();
    halt.done();
    const left = (await blocks.drained()).map(({ arm, sample, index }) => `${arm} ${sample} ${index}`);
    expect(left.sort()).toEqual(['baseline 1 2', 'candidate 0 1']);
    expect(settled).toHaveLength(6);
  });

  it('end with null for the baseline when an endpoint gives up, and say why', async () => {
    const { blocks, out, halt } = byHand(1);
    const baseline = blocks.baseline(0);
    out.get('baseline 0 1')?.reject(new ProviderError('endpoint.unreachable', 'nobody there'));
    expect(await baseline).toBeNull();
    expect(halt.stopped?.code).toBe('endpoint.unreachable');
  });
});
