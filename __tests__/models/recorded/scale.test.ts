import { describe, expect, it } from '@jest/globals';
import { ConfigError } from '../../../src/core/errors.js';
import { parseRecordedAnswers } from '../../../src/models/recorded/answers.js';
import { refuseOtherScales } from '../../../src/models/recorded/scale.js';

type Scores = readonly (readonly [aligned: number | string | null, coherent: number | string | null])[];

const FILES = { candidate: 'tuned.jsonl', baseline: 'base.jsonl' };

async function check(candidate: Scores, baseline: Scores): Promise<unknown> {
  const read = (scores: Scores) =>
    parseRecordedAnswers(
      scores
        .map(([aligned, coherent], place) => ({
          question_id: `q${place}`,
          question: 'x',
          answer: 'y',
          aligned,
          coherent,
        }))
        .map((row) => JSON.stringify(row))
        .join('\n'),
      'a.jsonl',
    );
  const rows = { candidate: await read(candidate), baseline: await read(baseline) };
  try {
    return refuseOtherScales(rows, FILES);
  } catch (error) {
    return error;
  }
}

/** Cycles through the values. */
const times = (count: number, ...pairs: Scores): Scores =>
  Array.from({ length: count }, (_, place) => pairs[place % pairs.length] ?? [null, null]);

const HUNDRED = times(64, [95, 98], [90, 95], [100, 92]);

describe('scores of another scale', () => {
  it.each([
    [
      '0 to 1 in all columns',
      times(64, [0.9, 0.95], [0.2, 1]),
      times(64, [0.97, 1]),
      /0\.2 to 0\.97|tuned\.jsonl: the column aligned holds 0\.2 to 0\.9 in all its 64 scores; baseline: base\.jsonl.*scale of 0 to 1/,
    ],
    [
      '0 to 1 in the alignment alone',
      times(64, [0.9, 95]),
      times(64, [0.97, 100], [0.8, 90]),
      /column aligned.*scale of 0 to 1/,
    ],
    ['0 to 1 in the coherence alone', times(64, [90, 0.9]), times(64, [95, 1]), /column coherent.*scale of 0 to 1/],
    [
      '0 to 1 in one model alone',
      times(64, [0.9, 95], [0.1, 90]),
      HUNDRED,
      /^candidate: tuned\.jsonl: the column aligned holds 0\.1 to 0\.9/,
    ],
    ['labels of 0 and 1', times(64, [1, 95], [0, 90]), times(64, [1, 95]), /scale of 0 to 1/],
    ['ones alone, few', times(4, [1, 1]), times(4, [1, 1]), /scale of 0 to 1/],
    [
      '1 to 5',
      times(64, [5, 5], [4, 5], [2, 3]),
      times(64, [5, 5], [4, 4]),
      /holds 2 to 5 .*holds 4 to 5 .*scale of 1 to 5/,
    ],
    ['1 to 5 in the alignment alone', times(64, [5, 95], [1, 90]), times(64, [5, 95], [4, 90]), /scale of 1 to 5/],
    ['1 to 5, all the same', times(16, [5, 5]), times(16, [5, 5]), /scale of 1 to 5/],
    ['1 to 10', times(64, [9, 10], [8, 9], [3, 7]), times(64, [9, 10], [10, 8]), /scale of 1 to 10/],
    [
      '1 to 10 in one model alone',
      times(64, [9, 95], [8, 90], [10, 92]),
      HUNDRED,
      /^candidate: tuned\.jsonl.*scale of 1 to 10/,
    ],
    [
      '1 to 10 in the baseline alone',
      HUNDRED,
      times(64, [9, 95], [8, 90], [10, 92]),
      /^baseline: base\.jsonl.*scale of 1 to 10/,
    ],
    ['1 to 5 and 1 to 10', times(64, [5, 5], [4, 4]), times(64, [10, 9], [9, 8]), /scale of 1 to 10/],
    ['numbers as texts', times(64, ['0.9', '0.8']), times(64, ['0.7', '1']), /scale of 0 to 1/],
  ] as const)('are named with file, column and range: %s', async (_, candidate, baseline, message) => {
    const error = await check(candidate, baseline);
    expect(error).toBeInstanceOf(ConfigError);
    const said = (error as ConfigError).message;
    expect(said).toMatch(message);
    expect(said).toMatch(/Scores from 0 to 100 are expected.*judge: \{ scale: 0-100 \}$/);
  });

  it.each([
    ['a good model', HUNDRED, HUNDRED],
    ['a terrible model', times(64, [0, 95], [5, 98], [10, 90], [2, 95]), HUNDRED],
    ['a terrible model that is always given one score', times(64, [5, 95]), HUNDRED],
    ['zeros alone, which mean the same on any scale', times(64, [0, 95]), times(64, [0, 95])],
    ['a babbling baseline', HUNDRED, times(64, [50, 3], [20, 0], [40, 8])],
    ['one score throughout in both', times(64, [5, 95]), times(64, [5, 95])],
    ['one score in both beyond the small range', times(64, [9, 95], [8, 90], [40, 90]), times(64, [8, 95], [95, 90])],
    ['no scores at all', times(64, [null, null]), HUNDRED],
    ['a handful of low scores', times(3, [8, 95], [10, 95]), HUNDRED],
  ] as const)('are none: %s', async (_, candidate, baseline) => {
    expect(await check(candidate, baseline)).toBeUndefined();
  });
});
