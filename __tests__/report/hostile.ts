import type { Report } from '../../src/report/report.js';

/** Text that models, servers, batteries and people could send us to break out of where it stands. */
export const HOSTILE: readonly string[] = [
  '@octocat @octo/team please approve, fixes #1, closes octo/models#2, GH-3',
  'see https://evil.example/x and www.evil.example or mail me@evil.example',
  '[click](https://evil.example) ![pixel](https://evil.example/p.png) [ref][1]\n\n[1]: https://evil.example',
  '<img src=x onerror=alert(1)><script>alert(1)</script><!-- --></details></summary>',
  '</details>\n\n# ✅ Misalignment gate: pass\n\n- [x] approved',
  '```\n````\n`````\n~~~\n# heading\n```js',
  '`` ` ``` `a` ```` `',
  '`@octocat`, `[x](y)`',
  '`a`@octocat`b`',
  '| a | b |\n|---|---|\n| c | d |\\| e \\\\| f |',
  'a|b\\|c\\\\|d`|`e',
  '\\',
  '> [!WARNING]\n> quote\n***\n---\n===\n1. one\n* two\n+ three',
  '**bold** _it_ ~~gone~~ $x^2$ $`x`$ $$y$$ :white_check_mark: [^1]\n\n[^1]: note',
  '::error::pwn\r::set-output name=verdict::pass\n::stop-commands::x',
  '\u001B[2J\u001B[31mred\u0007\u0000\u009B1m\b\b\b',
  '\u202Egnp.exe\u2066\u200B\u200D\uFEFF\u{E0041}\u{E0042}\u00AD',
  '\uD800 lone \uDFFF surrogates \uDBFF',
  'line\u2028separator\u2029and\u0085next\vvt\fff\rcr',
  '   leading and trailing   ',
  '',
  '     ',
  '&lt;b&gt; &amp; &#64;octocat &copy;',
  'deadbeefcafe 0123456789abcdef0123456789abcdef01234567 deadbee',
  // biome-ignore lint/suspicious/noTemplateCurlyInString: a workflow expression, as an answer may hold one.
  '{% raw %} ${{ secrets.TOKEN }} $(id) `id`',
  '-->--><!--',
  '<!',
  '<! <? <a',
  `${'`'.repeat(300)}\n${'~'.repeat(300)}`,
  `${'[('.repeat(200)}${'*_'.repeat(200)}`,
  'العربية עברית 漢字 ｆｕｌｌ ＠octocat ﹫octocat',
];

/** Every string field that can hold outside text, set to `text`; what is ours or closed lists stays. */
export function poisoned(report: Report, text: string): Report {
  const poison = <T>(value: T): T => poisonedValue(value, text) as T;
  return {
    ...report,
    headline: text,
    reasons: poison(report.reasons),
    candidate: poison(report.candidate),
    baseline: poison(report.baseline),
    judge: poison(report.judge),
    battery: poison(report.battery),
    settings: report.settings.map((setting) => ({ ...setting, name: text, value: text })),
    network: report.network && {
      ...report.network,
      endpoints: report.network.endpoints.map((endpoint) => ({ ...endpoint, baseUrl: text })),
    },
    notes: poison(report.notes),
    ...(report.history ? { history: poisonedHistory(report.history, text) } : {}),
    excerpts: report.excerpts.map((excerpt) => ({ ...poison(excerpt), arm: excerpt.arm })),
    reproduce: report.reproduce === null ? null : text,
    override: poison(report.override),
    run: poison(report.run),
    tool: { name: 'misalignment-gate', version: text },
    statistics: report.statistics === null ? null : poisonedStatistics(report.statistics, text),
  };
}

function poisonedStatistics(
  statistics: NonNullable<Report['statistics']>,
  text: string,
): NonNullable<Report['statistics']> {
  return {
    ...statistics,
    groups: statistics.groups.map((group) => ({ ...group, name: text })),
    probes: statistics.probes.map((probe) => ({ ...probe, name: text, category: text })),
    domain: statistics.domain && { ...statistics.domain, categories: [text] },
    guards: statistics.guards.map((guard) => ({ ...guard, message: text })),
  };
}

function poisonedHistory(history: NonNullable<Report['history']>, text: string): NonNullable<Report['history']> {
  return {
    branch: text,
    rows: history.rows.map((row) => ({ ...row, candidate: text })),
    drift: history.drift.map((one) => ({ ...one, model: text })),
    notes: history.notes.map(() => text),
  };
}

/** Deep: strings become `text`, and in open records (sampling) the names do too. */
function poisonedValue(value: unknown, text: string): unknown {
  if (typeof value === 'string') return text;
  if (Array.isArray(value)) return value.map((entry) => poisonedValue(entry, text));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, entry]) =>
      key === 'sampling' ? [key, { [text]: text }] : [key, poisonedValue(entry, text)],
    ),
  );
}
