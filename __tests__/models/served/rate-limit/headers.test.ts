import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { readAdvice } from '../../../../src/models/served/rate-limit/headers.js';

const NOW = Date.parse('2026-03-01T12:00:00Z');

describe('the wait that a reply asks for', () => {
  it.each([
    ['seconds', { 'retry-after': '20' }, 20_000],
    ['a fraction of seconds', { 'retry-after': '0.5' }, 500],
    ['a date', { 'retry-after': 'Sun, 01 Mar 2026 12:00:30 GMT' }, 30_000],
    [
      "a date by the server's own clock, which is an hour fast",
      { 'retry-after': 'Sun, 01 Mar 2026 13:00:30 GMT', date: 'Sun, 01 Mar 2026 13:00:00 GMT' },
      30_000,
    ],
    ['a date, where the clock told is none', { 'retry-after': 'Sun, 01 Mar 2026 12:00:30 GMT', date: 'x' }, 30_000],
    ['a date gone by', { 'retry-after': 'Sun, 01 Mar 2026 11:00:00 GMT' }, 0],
    ['milliseconds, which win', { 'retry-after-ms': '150', 'retry-after': '1' }, 150],
    ['the first of two', { 'retry-after': ['3', '9'] }, 3_000],
    ['nonsense: not said', { 'retry-after': 'soon' }, null],
    ['a negative number: not said', { 'retry-after': '-5' }, null],
    ['nothing', {}, null],
  ])('is read from %s', (_, headers, expected) => {
    const { waitMs } = readAdvice(headers, NOW);
    expect(waitMs).toBe(expected);
  });
});

describe('an allowance', () => {
  const reset = (text: string) =>
    readAdvice({ 'x-ratelimit-remaining-tokens': '149984', 'x-ratelimit-reset-tokens': text }, NOW).tokens?.resetMs;

  it.each([
    ['6m0s', 360_000],
    ['1h2m3.5s', 3_723_500],
    ['120ms', 120],
    ['7.66s', 7_660],
    ['59', 59_000],
    ['2026-03-01T12:01:00Z', 60_000],
    [String(NOW / 1000 + 5), 5_000],
    [String(NOW + 5_000), 5_000],
  ])('is whole again after %s', (text, expected) => {
    expect(reset(text)).toBeCloseTo(expected, 6);
  });

  it('needs both what is left and until when', () => {
    expect(readAdvice({ 'x-ratelimit-remaining-requests': '0' }, NOW).requests).toBeNull();
    expect(readAdvice({ 'x-ratelimit-reset-requests': '1s' }, NOW).requests).toBeNull();
  });

  it('of requests and of tokens are told apart', () => {
    const headers = {
      'x-ratelimit-remaining-requests': '59',
      'x-ratelimit-reset-requests': '1s',
      'x-ratelimit-remaining-tokens': '0',
      'x-ratelimit-reset-tokens': '6m0s',
    };
    expect(readAdvice(headers, NOW)).toEqual({
      waitMs: null,
      requests: { remaining: 59, resetMs: 1_000 },
      tokens: { remaining: 0, resetMs: 360_000 },
    });
  });
});

it('no header, however hostile, gives a wait that is negative or no number', () => {
  const names = ['retry-after', 'retry-after-ms', 'x-ratelimit-reset-requests', 'x-ratelimit-remaining-requests'];
  fc.assert(
    fc.property(
      fc.tuple(...names.map(() => fc.oneof(fc.string(), fc.float().map(String), fc.constant('9'.repeat(400))))),
      (values) => {
        const { waitMs, requests } = readAdvice(Object.fromEntries(names.map((name, at) => [name, values[at]])), NOW);
        for (const found of [waitMs, requests?.resetMs, requests?.remaining]) {
          if (found !== null && found !== undefined) expect(found).toBeGreaterThanOrEqual(0);
        }
      },
    ),
  );
});
