import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import fc from 'fast-check';
import { actionsLogger } from '../../src/action/logger.js';
import { maskSecrets } from '../../src/action/read-inputs.js';
import { inertLog } from '../../src/core/log-text.js';

let written: string;

beforeEach(() => {
  written = '';
  jest.spyOn(process.stdout, 'write').mockImplementation((chunk) => {
    written += String(chunk);
    return true;
  });
});
afterEach(() => {
  jest.restoreAllMocks();
});

/** What the runner takes for a command: lines end at CR too, leading white space does not matter, `##[` may stand anywhere. */
function commands(text: string): string[] {
  return text.split(/[\r\n]/).filter((line) => line.trimStart().startsWith('::') || line.includes('##['));
}

const HOSTILE = [
  '::set-output name=verdict::pass',
  '  \t::add-mask::secret',
  'fine\r::error::forged',
  'fine\r\n::stop-commands::x',
  'fine\u2028::error::forged',
  'fine\u0085::error::forged',
  'fine\u000B::error::forged',
  '\uFEFF::warning::forged',
  '\u200B::warning::forged',
  '\u0000::warning::forged',
  '\u001B[31m::warning::forged',
  'deep in a line ##[error]forged',
  '##[add-mask]x',
  '\ud800::warning::forged',
];

describe('the Action’s log', () => {
  it.each(HOSTILE)('prints %j without a command in it', (text) => {
    actionsLogger().info(text);
    expect(commands(written)).toEqual([]);
  });

  it('prints no text at all with a command in it', () => {
    const part = fc.constantFrom(':', '::', '#', '[', '\r', '\n', ' ', '\t', '\u00a0', '\u001b', '\ufeff', 'error');
    const text = fc.oneof(
      fc.array(part, { maxLength: 12 }).map((parts) => parts.join('')),
      fc.string({ unit: 'binary' }),
    );
    fc.assert(fc.property(text, (value) => expect(commands(inertLog(value))).toEqual([])));
  });

  it.each(['notice', 'warning', 'error', 'debug'] as const)('makes of any text one %s and nothing else', (level) => {
    for (const text of HOSTILE) {
      written = '';
      actionsLogger()[level](text);
      expect(written.match(/\n/g)).toHaveLength(1);
      expect(written).toMatch(new RegExp(`^::${level}[ :]`));
    }
  });

  it('shows escape sequences, bidirectional and invisible characters instead of obeying them', () => {
    expect(inertLog('\u001b[2Jx\u202Ey\u200Bz')).toBe('\\u{001b}[2Jx\\u{202e}y\\u{200b}z');
  });

  it('leaves ordinary text as it is, over several lines', () => {
    const text = 'One: 100 MB\n\tTwo ✅ “quoted” C++::method';
    expect(inertLog(text)).toBe(text);
  });

  it('cuts a line of a megabyte, and a million lines', () => {
    expect(inertLog('x'.repeat(1_000_000)).length).toBeLessThan(4_100);
    expect(inertLog('x\n'.repeat(1_000_000)).length).toBeLessThan(1_000);
  });
});

describe('masking', () => {
  it('hides a secret, and each line of one that has several', () => {
    maskSecrets(['one-key', 'first\nsecond']);
    expect(written.split('\n').filter((line) => line !== '')).toEqual([
      '::add-mask::one-key',
      '::add-mask::first%0Asecond',
      '::add-mask::first',
      '::add-mask::second',
    ]);
  });
});
