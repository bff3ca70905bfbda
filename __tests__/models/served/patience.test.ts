import { afterEach, describe, expect, it } from '@jest/globals';
import { Patience } from '../../../src/models/served/patience.js';
import { completion } from '../../support/fault-server.js';
import { ask, closeServers, errorFrom, open, serve } from '../served.js';

afterEach(closeServers);

describe('how long a reply is waited for', () => {
  it('doubles where no reply ever came, up to four times the setting', () => {
    const patience = new Patience(120);
    expect([patience.late(120), patience.seconds]).toEqual([true, 240]);
    expect([patience.late(240), patience.seconds]).toEqual([true, 480]);
    expect([patience.late(480), patience.seconds]).toEqual([false, 480]);
    expect(patience.words('reply-timeout')).toBe('reply-timeout is 120 s, raised to 480 s as the server seemed slow');
  });

  it('doubles where replies take long, up to eight times the setting', () => {
    const patience = new Patience(10);
    patience.replied(9);
    for (const [after, then] of [
      [10, 20],
      [20, 40],
    ] as const) {
      expect([patience.late(after), patience.seconds]).toEqual([true, then]);
      patience.replied(after);
    }
    expect([patience.late(40), patience.seconds]).toEqual([true, 80]);
    expect([patience.late(80), patience.seconds]).toEqual([false, 80]);
  });

  it('stays where the server is quick and one reply was lost', () => {
    const patience = new Patience(10);
    patience.replied(1);
    expect([patience.late(10), patience.seconds, patience.raised]).toEqual([true, 10, false]);
  });

  it('is not raised twice for two that were waited for at the same time', () => {
    const patience = new Patience(10);
    for (const _ of [1, 2, 3]) expect(patience.late(10)).toBe(true);
    expect(patience.seconds).toBe(20);
  });
});

describe('reply-timeout', () => {
  const REPLY_TIMEOUT = { seconds: 0.2, name: 'models.candidate.reply-timeout' };

  it('is raised where the server is only slow, with a note', async () => {
    const server = await serve(() => ({ ...completion('Hi.'), delayMs: 500 }));
    const model = open(server, { replyTimeout: REPLY_TIMEOUT }, '/v1', null);
    expect(await ask(model)).toMatchObject({ kind: 'answer' });
    expect(model.notes?.join()).toMatch(/^candidate: models\.candidate\.reply-timeout is 0\.2 s, raised to 0\.8 s/);
  });

  it('stands with its value in the error of a server that never answers', async () => {
    const server = await serve(() => ({ fault: 'hang' }));
    const error = await errorFrom(ask(open(server, { replyTimeout: REPLY_TIMEOUT }, '/v1', null)));
    expect(error).toMatchObject({ code: 'endpoint.timeout', exitCode: 2 });
    expect(error.message).toMatch(/no answer in time.*\(models\.candidate\.reply-timeout is 0\.2 s, raised to 0\.8 s/);
    expect(server.seen).toHaveLength(3);
  });
});
