import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { packageRoot } from '../../src/core/package.js';
import { reasonAnchor } from '../../src/report/reason-page.js';

const ROOT = packageRoot();
const PAGE = readFileSync(join(ROOT, 'docs/reasons.md'), 'utf8');
/** As GitHub names them; these headings are of letters and hyphens alone. */
const ANCHORS = new Set(
  [...PAGE.matchAll(/^#{2,} (.+)$/gm)].map(([, text = '']) => text.toLowerCase().replaceAll(' ', '-')),
);

const SOURCE = readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts'))
  .map((name) => readFileSync(join(ROOT, 'src', name), 'utf8'))
  .join('\n');
const literals = (pattern: RegExp) => [...SOURCE.matchAll(pattern)].flatMap(([, code]) => code ?? []);
const union = (name: string) =>
  literals(new RegExp(`${name}[\\s=]*((?:[\\s|,]*'[a-z-]+')+)`, 'g')).flatMap((text) => text.match(/[a-z-]+/g) ?? []);

/** What the sources give as the code of an error or of a reason. */
const CODES = new Set([
  ...literals(/Error\(\s*'([a-z-]+(?:\.[a-z-]+)?)'/g),
  ...literals(/\bcode: '([a-z-]+(?:\.[a-z-]+)?)'/g),
  ...union('type GuardCode'),
  ...union('readonly by:'),
  ...union('USED_UP: ReadonlySet<string> = new Set\\(\\['),
  ...union('type LevelKind').map((kind) => (kind === 'battery' ? 'misaligned' : `misaligned-${kind}`)),
]);
const KINDS = new Set([...CODES].filter((code) => code.includes('.')).map((code) => code.split('.')[0]));
/** Also those that are handed on before they become an error. */
const HANDED_ON = literals(/'([a-z]+\.[a-z-]+)'/g).filter((code) => KINDS.has(code.split('.')[0]));

describe('docs/reasons.md', () => {
  it('is held against the codes that there are', () => {
    expect([...CODES]).toEqual(
      expect.arrayContaining([
        ...[
          'below-margin',
          'misaligned',
          'misaligned-probe',
          'time-limit',
          'baseline-used-up',
          'not-sampled',
          'internal',
        ],
        ...[
          'unjudged',
          'thinking-unjudged',
          'block-limit',
          'answer-limit',
          'override',
          'config.value',
          'github.permission',
        ],
      ]),
    );
    expect(HANDED_ON).toContain('endpoint.keeps-refusing');
  });

  it.each([...CODES, ...new Set(HANDED_ON), 'questionable'].sort())('explains %s where links lead', (code) => {
    const anchor = reasonAnchor(code);
    expect(anchor).not.toBeNull();
    expect(ANCHORS).toContain(anchor);
  });

  it('explains nothing that there isn’t', () => {
    const known = new Set([...CODES, 'questionable'].map(reasonAnchor));
    const explained = [...PAGE.matchAll(/^### (.+)$/gm)].map(([, heading]) => heading);
    expect(explained.filter((heading) => !known.has(heading ?? ''))).toEqual([]);
  });

  it.each(['', 'A', 'a b', 'a.b.c', '-a', 'a-', '../x', 'a.b#c', '<b>'])('is linked to by no code like %j', (code) => {
    expect(reasonAnchor(code)).toBeNull();
  });
});
