import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { NO_ADVICE, readAdvice } from '../../../../src/models/served/rate-limit/headers.js';
import { HeldWaits } from '../../../../src/models/served/rate-limit/held-waits.js';

const DAY = 86_400_000;

describe('what a reply asks everybody to wait', () => {
  it.each([
    ['a day', { 'retry-after': '86400' }],
    ['more seconds than there are', { 'retry-after': '9'.repeat(400) }],
    ['a moment in the far future', { 'retry-after': '99999999999999' }],
    ['a date in the far future', { 'retry-after': 'Fri, 31 Dec 9999 23:59:59 GMT' }],
    ['milliseconds without end', { 'retry-after-ms': '9'.repeat(30) }],
    ['a reset in a month', { 'x-ratelimit-remaining-requests': '0', 'x-ratelimit-reset-requests': '720h' }],
    ['a reset of tokens in a year', { 'x-ratelimit-remaining-tokens': '0', 'x-ratelimit-reset-tokens': '31536000' }],
  ])('is cut to max-wait, and kept for the report: %s', (_, headers) => {
    const held = new HeldWaits({ maxWaitMs: 60_000, deadline: DAY });
    const { waitMs, requests, tokens } = held.followed(readAdvice(headers, 0), 0);
    expect(Math.max(waitMs ?? 0, requests?.resetMs ?? 0, tokens?.resetMs ?? 0)).toBe(60_000);
    expect(held.longest?.held).toBe(60_000);
    expect(held.longest?.asked).toBeGreaterThanOrEqual(DAY);
    expect(JSON.parse(JSON.stringify(held.longest))).toEqual(held.longest);
  });

  it.each(['-5', 'NaN', 'Infinity', '-Infinity', '1e99', 'soon', '', '0x10'])('counts as not said: %s', (value) => {
    expect(readAdvice({ 'retry-after': value }, 0).waitMs).toBeNull();
  });

  it('is never more than max-wait or half the time that is left, and never less than it asks below that', () => {
    const ms = fc.double({ min: 0, noNaN: true });
    fc.assert(
      fc.property(ms, fc.nat(DAY), fc.nat(DAY), (asked, maxWaitMs, deadline) => {
        const { waitMs } = new HeldWaits({ maxWaitMs, deadline }).followed({ ...NO_ADVICE, waitMs: asked }, 0);
        expect(waitMs).toBe(Math.min(asked, maxWaitMs, deadline / 2));
      }),
    );
  });

  it('is believed once it was asked for three times running, and not from one wave of replies', () => {
    const held = new HeldWaits({ maxWaitMs: 1_000, deadline: 60_000 });
    const beyond = { ...NO_ADVICE, waitMs: DAY };
    for (let n = 0; n < 32; n += 1) held.followed(beyond, 0);
    expect(held.isMeant).toBe(false);
    held.followed(beyond, 1_100);
    held.fine();
    for (const now of [2_200, 3_300]) held.followed(beyond, now);
    expect(held.isMeant).toBe(false);
    held.followed(beyond, 4_400);
    expect(held.isMeant).toBe(true);
  });
});
