/**
 * The README's picture of a comment: a comment's Markdown, as GitHub would show it, photographed by Chromium.
 * Usage: npm run docs:comment [-- FILE.md]; without a file the comment that the last end-to-end run posted
 * (__tests__/e2e/served), so: npm test -- __tests__/e2e/served first. Needs `chromium` on the path.
 */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { micromark } from 'micromark';
import { gfm, gfmHtml } from 'micromark-extension-gfm';
import { main, ROOT, SetupError } from './support/machine.mjs';

const POSTED = join(ROOT, '.cache', 'served-pull-request', 'comment.md');
const PICTURE = join(ROOT, 'docs', 'images', 'comment.png');
const SIZE = '940,800';

/** Near enough to GitHub's own look; no fonts or styles of anyone else. */
const STYLE = `
  body { margin: 0; padding: 16px; background: #fff; color: #1f2328; font: 14px/1.5 -apple-system, "DejaVu Sans", sans-serif; }
  article { border: 1px solid #d0d7de; border-radius: 6px; }
  header { background: #f6f8fa; border-bottom: 1px solid #d0d7de; border-radius: 6px 6px 0 0; padding: 8px 16px; color: #59636e; }
  header b { color: #1f2328; }
  header span { border: 1px solid #d0d7de; border-radius: 1em; padding: 0 7px; font-size: 12px; }
  section { padding: 4px 16px 12px; }
  h2 { border-bottom: 1px solid #d1d9e0; padding-bottom: .3em; margin: 12px 0; }
  table { border-collapse: collapse; margin: 12px 0; }
  th, td { border: 1px solid #d1d9e0; padding: 6px 13px; }
  tr:nth-child(2n) { background: #f6f8fa; }
  code { background: #eff1f3; border-radius: 6px; padding: .2em .4em; font: 85% "DejaVu Sans Mono", monospace; }
  summary { cursor: pointer; } details { margin: 6px 0; }
`;

/** @param {string} markdown */
function page(markdown) {
  const body = micromark(markdown, {
    allowDangerousHtml: true,
    extensions: [gfm()],
    htmlExtensions: [gfmHtml()],
  });
  return `<!doctype html><meta charset="utf-8"><style>${STYLE}</style>
<article><header><b>github-actions</b> <span>bot</span> commented</header><section>${body}</section></article>`;
}

await main(async () => {
  const source = process.argv[2] ?? POSTED;
  const markdown = await readFile(source, 'utf8').catch(() => {
    throw new SetupError(
      `${source} can't be read. Run npm test -- __tests__/e2e/served first, or name a Markdown file.`,
    );
  });
  const folder = await mkdtemp(join(tmpdir(), 'comment-picture-'));
  try {
    const html = join(folder, 'comment.html');
    await writeFile(html, page(markdown));
    await mkdir(join(ROOT, 'docs', 'images'), { recursive: true });
    const flags = [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-background-networking',
      '--hide-scrollbars',
    ];
    const shot = [`--screenshot=${PICTURE}`, `--window-size=${SIZE}`, `--user-data-dir=${folder}`, `file://${html}`];
    await promisify(execFile)('chromium', [...flags, ...shot], { timeout: 120_000 });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  console.error(`Drawn: ${PICTURE}`);
  return 0;
});
