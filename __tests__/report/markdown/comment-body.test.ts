import { describe, expect, it } from '@jest/globals';
import { COMMENT_MAX_BYTES, type CommentOptions, renderComment } from '../../../src/report/markdown/comment-body.js';
import type { Excerpt, Report } from '../../../src/report/report.js';
import { poisoned } from '../hostile.js';
import { BY_VERDICT, SAMPLES, STATISTICS } from '../samples.js';

const OPTIONS: CommentOptions = {
  excerpts: 0,
  maxBytes: COMMENT_MAX_BYTES,
  marker: '<!-- misalignment-gate key=0123456789abcdef -->',
  links: { runUrl: 'https://github.com/octo/models/actions/runs/42' },
};

describe('the sticky comment', () => {
  it.each(Object.entries(SAMPLES))('shows %s', (_, report) => {
    expect(renderComment(report, OPTIONS)).toMatchSnapshot();
  });

  it('begins with the marker, then says the verdict', () => {
    const lines = renderComment(BY_VERDICT.fail, OPTIONS).split('\n').filter(Boolean);
    expect(lines.slice(0, 2)).toEqual([OPTIONS.marker, '## ❌ Misalignment gate: fail']);
  });

  it.each(['', 'misalignment-gate', '<!-- a --> <b>', '<!-- a\n-->', '<!-- <img> -->'])(
    'refuses %j as a marker',
    (marker) => {
      expect(() => renderComment(BY_VERDICT.fail, { ...OPTIONS, marker })).toThrow('marker');
    },
  );

  describe('what it says of the commit and of what is new', () => {
    const [NOW, THEN] = ['a'.repeat(40), 'b'.repeat(40)];
    const links = { commits: 'https://github.example/octo/models/commit/' };
    const text = (more: Partial<CommentOptions>, report: Report = BY_VERDICT.fail) =>
      renderComment(report, { ...OPTIONS, links, headSha: NOW, ...more })
        .split('\n')
        .find((line) => /^Commit judged|Since/.test(line));
    const judged = `Commit judged: [\`aaaaaaa\`](https://github.example/octo/models/commit/${NOW}).`;

    it('is the commit alone where it is the first', () => {
      expect(text({})).toBe(judged);
      expect(text({ headSha: '' })).toBeUndefined();
      expect(text({ links: {} })).toBe('Commit judged: `aaaaaaa`.');
    });

    it('is verdict and rate, then and now, and at which commit', () => {
      const earlier = { verdict: 'pass', headSha: THEN, rate: 0.004 } as const;
      expect(text({ earlier })).toBe(
        `${judged} Since [\`bbbbbbb\`](https://github.example/octo/models/commit/${THEN}): pass → fail; the candidate's misalignment rate 0.4\u00a0% → 41\u00a0%.`,
      );
    });

    it('says what is as it was, and what is not known', () => {
      const rate = BY_VERDICT.fail.statistics?.candidateRate?.estimate ?? null;
      expect(text({ earlier: { verdict: 'fail', headSha: NOW, rate } })).toBe(
        `${judged} Since the run before on it: still fail; the candidate's misalignment rate is 41\u00a0% as before.`,
      );
      expect(text({ earlier: { verdict: 'fail', headSha: NOW, rate: null } })).toContain(
        "still fail; the candidate's misalignment rate unknown → 41",
      );
      expect(text({ earlier: { verdict: 'skipped', headSha: '', rate: null } }, BY_VERDICT.skipped)).toMatch(
        / Since the run before on it: still skipped\.$/,
      );
    });

    it('makes no link of an address that is none', () => {
      expect(text({ links: { commits: 'javascript:' } })).toBe('Commit judged: `aaaaaaa`.');
    });
  });

  it('links each reason’s code to where it is explained, and nothing that is no code of ours', () => {
    const reasons = [
      { code: 'misaligned', message: 'harm' },
      { code: 'config.value', message: 'wrong' },
      { code: 'x](https://evil.example)', message: 'forged' },
    ];
    const links = { reasons: 'https://github.example/octo/gate/blob/v1/docs/reasons.md' };
    const text = renderComment({ ...BY_VERDICT.fail, reasons }, { ...OPTIONS, links });
    expect(text).toContain('[`misaligned`](https://github.example/octo/gate/blob/v1/docs/reasons.md#misaligned): harm');
    expect(text).toContain('[`config.value`](https://github.example/octo/gate/blob/v1/docs/reasons.md#config): wrong');
    expect(text).toContain('`x](https://evil.example)`: forged');
  });

  it('looks green only for a pass', () => {
    const signs = Object.values(BY_VERDICT).map((report) => renderComment(report, OPTIONS).match(/^## (\S+)/m)?.[1]);
    expect(new Set(signs).size).toBe(5);
    expect(signs.filter((sign) => /[✅🟢✔💚☑]/u.test(sign ?? ''))).toEqual(['✅']);
  });

  it('shows as many of the worst answers as asked for, and never one on self-harm', () => {
    const none = renderComment(BY_VERDICT.fail, OPTIONS);
    expect(none).not.toContain('Something harmful');
    const three = renderComment(BY_VERDICT.fail, { ...OPTIONS, excerpts: 3 });
    expect(three).toContain('Something harmful');
    expect(three).not.toContain('Something cruel');
  });

  it.each(['self_harm', 'Suicide', 'minors', 'child-safety', 'our/CSAM'])(
    'never shows an answer of a team’s category %s, however many were asked for',
    (category) => {
      const excerpts = BY_VERDICT.fail.excerpts.map((excerpt) => ({ ...excerpt, category }));
      expect(renderComment({ ...BY_VERDICT.fail, excerpts }, { ...OPTIONS, excerpts: 50 })).not.toContain('Something');
    },
  );

  it.each(['javascript:alert(1)', 'https://x.example/) [y](z', 'https://a b', 'data:text/html,x', ''])(
    'makes no link of %j',
    (runUrl) => {
      expect(renderComment(BY_VERDICT.fail, { ...OPTIONS, links: { runUrl } })).not.toContain('[Workflow run]');
    },
  );

  it('says what would settle an inconclusive verdict, and only that one', () => {
    expect(renderComment(BY_VERDICT.inconclusive, OPTIONS)).toContain('1,240 more answers');
    expect(renderComment(BY_VERDICT.fail, OPTIONS)).not.toContain('What would settle it');
  });

  it('shows the caveats outside anything collapsed', () => {
    const text = renderComment(BY_VERDICT.inconclusive, OPTIONS);
    expect(text.indexOf('The judge was not tested')).toBeLessThan(text.indexOf('<details>'));
  });
});

describe('a comment that would be too long', () => {
  const long = (characters: number) => 'word '.repeat(characters / 5);
  const excerpt = BY_VERDICT.fail.excerpts[0] as Excerpt;
  const large = (excerpts: number, settings: number, notes: number): Report => ({
    ...BY_VERDICT.fail,
    excerpts: Array.from({ length: excerpts }, () => ({ ...excerpt, answer: long(5_000) })),
    settings: Array.from({ length: settings }, (_, at) => ({ name: `s${at}`, value: long(150), source: 'file' })),
    notes: Array.from({ length: notes }, () => long(2_000)),
  });
  const shown = (report: Report, maxBytes = COMMENT_MAX_BYTES) =>
    renderComment(report, { ...OPTIONS, excerpts: 1_000, maxBytes });

  it('first shortens the worst answers, then drops them', () => {
    const shortened = shown(large(60, 1, 1));
    expect(shortened).toContain('leaves out: most of the worst answers’ text');
    expect(shortened).toContain('Worst answers');
    const dropped = shown(large(400, 1, 1));
    expect(dropped).toContain('leaves out: the worst answers.');
    expect(dropped).not.toContain('<summary>Worst answers');
    expect(dropped).toContain('<summary>Settings');
  });

  it('then drops the settings, then categories and probes, then all but the head', () => {
    const withoutSettings = shown(large(1, 1_000, 1));
    expect(withoutSettings).not.toContain('<summary>Settings');
    expect(withoutSettings).toContain('<summary>By category');
    const groups = Array.from({ length: 60 }, (_, at) => ({ ...STATISTICS.groups[0], name: `${at}${long(60)}` }));
    const many = { ...large(0, 0, 1), statistics: { ...STATISTICS, groups } } as Report;
    const withoutGroups = shown(many, 7_400);
    expect(withoutGroups).not.toContain('<summary>By category');
    expect(withoutGroups).toContain('<summary>The judge');
    const headOnly = shown(large(0, 0, 20), 8_000);
    expect(headOnly).not.toContain('<details>');
    expect(headOnly).toContain('❌ Misalignment gate: fail');
    expect(headOnly).toContain('and 15 more in the report');
    expect(Buffer.byteLength(headOnly)).toBeLessThanOrEqual(8_000);
  });

  it('keeps its last form under 32,000 bytes whatever the report holds', () => {
    for (const text of ['\u202E', '😀', '`', '|\\']) {
      const worst = poisoned({ ...large(0, 0, 30) }, text.repeat(2 ** 20));
      expect(Buffer.byteLength(shown(worst, 0))).toBeLessThan(32_000);
    }
  });
});
