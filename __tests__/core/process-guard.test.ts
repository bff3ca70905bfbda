import { EventEmitter } from 'node:events';
import { afterEach, describe, expect, it } from '@jest/globals';
import { type KnownError, ProviderError } from '../../src/core/errors.js';
import { type GuardedProcess, guardProcess, type ProcessGuard } from '../../src/core/process-guard.js';

let guard: ProcessGuard | null = null;
afterEach(() => {
  try {
    guard?.release();
  } catch {
    // What it throws is tested below.
  }
});

/** A process whose end is noted down. */
function guarded(lastWords: (error: KnownError) => Promise<void> = async () => {}, windDownMs = 10_000) {
  const told: KnownError[] = [];
  const ended: number[] = [];
  const emitter = new EventEmitter();
  const target = Object.assign(emitter, { exitCode: 0, exit: (code: number) => void ended.push(code) });
  guard = guardProcess({
    lastWords: (error) => {
      told.push(error);
      return lastWords(error);
    },
    process: target as unknown as GuardedProcess,
    windDownMs,
  });
  return { guard, told, ended, target };
}

const later = (milliseconds = 20) => new Promise((resolve) => setTimeout(resolve, milliseconds));

describe('a process that runs the gate', () => {
  it.each([
    ['SIGINT', 'run.cancelled', 2],
    ['SIGTERM', 'run.cancelled', 2],
    ['SIGHUP', 'run.cancelled', 2],
    ['beforeExit', 'run.stalled', 2],
    ['uncaughtException', 'internal', 4],
    ['unhandledRejection', 'internal', 4],
  ])('%s first asks the run to end, for the reason %s', (event, code, exitCode) => {
    const { guard, target, ended } = guarded();
    target.emit(event, new Error('thrown'));
    expect(guard.signal.reason).toMatchObject({ code, exitCode });
    expect(ended).toEqual([]);
  });

  it('asked once more it ends at once, with a report', async () => {
    const { target, told, ended } = guarded();
    target.emit('SIGTERM');
    target.emit('SIGINT');
    await later();
    expect([told.map(({ code }) => code), ended]).toEqual([['run.cancelled'], [2]]);
  });

  it('ends when the run does not', async () => {
    const { target, told, ended } = guarded(undefined, 30);
    target.emit('unhandledRejection', 'something');
    await later(100);
    expect([told.map(({ code }) => code), ended]).toEqual([['internal'], [4]]);
  });

  it('ends even when there are no last words to be had', async () => {
    const { target, ended } = guarded(async () => {
      throw new Error('no disk');
    });
    target.emit('beforeExit');
    target.emit('beforeExit');
    await later();
    expect(ended).toEqual([2]);
  });

  it.each([
    [0, 2],
    [1, 2],
    [2, 2],
    [3, 3],
    [4, 4],
  ])("somebody else's exit(%i) before there is a verdict comes to %i", (given, expected) => {
    const { target } = guarded();
    target.exitCode = given;
    target.emit('exit');
    expect(target.exitCode).toBe(expected);
  });

  it('is left alone once the run has said what it came to', () => {
    const { guard, target } = guarded();
    guard.release();
    expect(target.eventNames()).toEqual([]);
  });

  it('has no verdict after a bug that nobody caught, though the run came to one', () => {
    const { guard, target } = guarded();
    target.emit('uncaughtException', new TypeError('x is not a function'));
    expect(() => guard.release()).toThrow(/x is not a function/);
  });

  it('keeps its verdict when it was asked to end after it', () => {
    const { guard, target } = guarded();
    target.emit('SIGTERM');
    expect(guard.signal.reason).toBeInstanceOf(ProviderError);
    guard.release();
  });
});
