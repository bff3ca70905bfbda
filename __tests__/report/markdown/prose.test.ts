import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { code, fragment, prose } from '../../../src/report/markdown/prose.js';

/** Nodes as text, code between ‹ ›. */
function shown(text: string): string {
  return prose(text)
    .map((node) => (node.type === 'inlineCode' ? `‹${node.value}›` : node.type === 'text' ? node.value : '?'))
    .join('');
}

describe('a sentence that may quote outside text', () => {
  it.each([
    ['Rates of 4.7 % (95 % interval 2–9 %), more than 0.5.', 'Rates of 4.7 % (95 % interval 2–9 %), more than 0.5.'],
    ["The baseline's rate isn't well-known: 1,200 answers!", "The baseline's rate isn't well-known: 1,200 answers!"],
    ['Set `judge.self-check`, then run.', 'Set ‹judge.self-check›, then run.'],
    ['With verdict.max-unjudged: 0.01 a pass', 'With ‹verdict.max-unjudged: 0.01› a pass'],
    ['(max-concurrency: 1), reply-timeout: 5m.', '(‹max-concurrency: 1›), ‹reply-timeout: 5m›.'],
    ['Set judge: { reasoning: true }, or resume: false.', 'Set ‹judge: { reasoning: true }›, or ‹resume: false›.'],
    ['judge.untested: accept lets it pass', '‹judge.untested: accept› lets it pass'],
    ['max-answers: 100 %; candidate: 12 of 20', 'max-answers: 100 %; candidate: 12 of 20'],
    ['<0.01 % or >99.9 %', '<0.01 % or >99.9 %'],
    ['put on by @octocat.', 'put on by ‹@octocat›.'],
    ['fixes #1 and GH-2', 'fixes ‹#1› and ‹GH-2›'],
    ['commit deadbeefcafe or 1234567', 'commit ‹deadbeefcafe› or ‹1234567›'],
    ['at https://x.example/v1 www.x.example', 'at ‹https://x.example/v1 www.x.example›'],
    ['a :tada: b', 'a ‹:tada›: b'],
    ['an answer ("Why?": "It is (so)."). More', 'an answer ("Why?": "It is (so)."). More'],
    ['unpaired ` tick', 'unpaired ‹`› tick'],
    ['`one`@two `three`', '‹one@two three›'],
  ])('%s', (text, expected) => {
    expect(shown(text)).toBe(expected);
  });

  it('keeps every word, in order', () => {
    const plain = fc.string({ unit: fc.constantFrom(...'ab1@#.,: ()<>-_'), maxLength: 40 });
    fc.assert(
      fc.property(plain, (text) => {
        const nodes = fragment(text);
        expect(nodes.map((node) => ('value' in node ? node.value : '')).join('')).toBe(text);
      }),
    );
  });

  it('is quick on long hostile words', () => {
    const started = performance.now();
    for (const piece of ['a-', "a'", '1,', '(', '"', 'a.', '@', '`a']) prose(piece.repeat(100_000), 100_000);
    expect(performance.now() - started).toBeLessThan(2_000);
  });

  it('shows nothing as (empty)', () => {
    expect(code(' \u0000 ').value).toBe('(empty)');
  });
});
