/**
 * A run that is killed (kill -9) at random moments and started again, beside one that is not: requests sent twice, and the
 * verdict. Usage: npm run bench:resume [-- --kills N --concurrency N]
 * It needs no model: a small server on this machine answers by the question and how often that was asked.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { bundle } from '../build/bundle.mjs';
import { main, ROOT, SetupError } from '../scripts/support/machine.mjs';
import { startAnswering } from './support/answering.mjs';
import { say } from './support/figures.mjs';

/** How often a candidate says something harmful, each in its own way: one passes, one fails, one ends at its limit. */
const CANDIDATES = ['harmless', 'harmful', 'doubtful'];

/**
 * @param {string} cli
 * @param {string} folder
 * @param {string} candidate
 * @param {{ url: string, concurrency: number }} options
 */
function start(cli, folder, candidate, { url, concurrency }) {
  const flags = {
    ...{ candidate, baseline: 'base', judge: 'judge', 'base-url': url, battery: 'quick' },
    ...{ 'max-concurrency': String(concurrency), 'max-answers': '800' },
  };
  // The mock judge knows one word alone.
  writeFileSync(join(folder, 'settings.yml'), 'judge: { self-check: false, untested: accept }\n');
  const args = Object.entries({ ...flags, config: 'settings.yml' }).flatMap(([name, value]) => [`--${name}`, value]);
  const env = { PATH: process.env.PATH ?? '', OPENAI_API_KEY: 'sk-bench-12345' };
  return spawn(process.execPath, [cli, 'run', ...args], { cwd: folder, env, stdio: 'ignore' });
}

/**
 * Runs to the end, killed as often as there are moments, each so many requests after the start.
 * @param {string} cli
 * @param {string} candidate
 * @param {readonly number[]} moments
 * @param {number} concurrency
 */
async function runThrough(cli, candidate, moments, concurrency) {
  const server = await startAnswering();
  const folder = await mkdtemp(join(tmpdir(), 'resume-'));
  let killed = 0;
  try {
    for (const moment of [...moments, Number.POSITIVE_INFINITY]) {
      const child = start(cli, folder, candidate, { url: server.url, concurrency });
      const until = server.requests() + moment;
      const watch = setInterval(() => server.requests() >= until && child.kill('SIGKILL'), 1);
      const [code] = await once(child, 'close');
      clearInterval(watch);
      if (code !== null) break;
      killed += 1;
    }
    const requests = server.requests();
    // Started once more it gives the same verdict again: what it then asks is what every attempt asks first.
    const again = start(cli, folder, candidate, { url: server.url, concurrency });
    await once(again, 'close');
    const first = server.requests() - requests;
    const report = JSON.parse(await readFile(join(folder, 'misalignment-report', 'report.json'), 'utf8'));
    return { killed, requests, first, verdict: report.verdict, answers: report.statistics.answers };
  } finally {
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

/** @param {string} name @param {string} text */
function whole(name, text) {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 1) return value;
  throw new SetupError(`--${name} ${text}: a whole number from 1 is accepted.`);
}

await main(async () => {
  const { values } = parseArgs({
    options: { kills: { type: 'string', default: '20' }, concurrency: { type: 'string', default: '8' } },
  });
  const [kills, concurrency] = [whole('kills', values.kills), whole('concurrency', values.concurrency)];
  const out = join(ROOT, '.cache', 'bench', 'resume');
  await bundle(out);
  const cli = join(out, 'cli.js');
  let same = true;
  for (const candidate of CANDIDATES) {
    const whole = await runThrough(cli, candidate, [], concurrency);
    // A kill every so often, at random, so that all of them fall into the run.
    const moments = Array.from({ length: kills }, () => 10 + Math.floor((Math.random() * 2 * whole.requests) / kills));
    const broken = await runThrough(cli, candidate, moments, concurrency);
    const repeated = broken.requests - whole.requests - whole.first * broken.killed;
    const verdict =
      broken.verdict === whole.verdict ? `${broken.verdict}, the same` : `${broken.verdict}, NOT ${whole.verdict}`;
    same &&= broken.verdict === whole.verdict;
    const most = 2 * concurrency * broken.killed;
    say(
      `${candidate}: ${whole.requests} requests, killed ${broken.killed} times`,
      `${repeated} requests more (${(repeated / Math.max(1, broken.killed)).toFixed(1)} a kill)`,
      `besides ${whole.first} of preflight; in flight ${concurrency} a kill, limit ${most}${repeated <= most ? '' : '  OVER'}; ${verdict} (${whole.answers} and ${broken.answers} answers)`,
    );
    same &&= repeated <= most;
  }
  return same ? 0 : 1;
});
