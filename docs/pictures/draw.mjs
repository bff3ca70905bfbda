/**
 * Draws the pictures of docs/statistics.md from bench/results/ into docs/images/. Usage: npm run docs:pictures
 * Charts are Vega-Lite's; the SVG holds no script and names no font of anyone, so it shows on GitHub.
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse, View, Warn } from 'vega';
import { compile } from 'vega-lite';
import { answersPicture, restartsPicture, verdictsPicture } from './charts.mjs';

const DOCS = dirname(dirname(fileURLToPath(import.meta.url)));
const IMAGES = join(DOCS, 'images');

async function results(name) {
  return JSON.parse(await readFile(join(DOCS, '..', 'bench', 'results', `${name}.json`), 'utf8'));
}

async function draw(name, chart) {
  const view = new View(parse(compile(chart).spec), { renderer: 'none' }).logLevel(Warn);
  const svg = await view.toSVG();
  view.finalize();
  await writeFile(join(IMAGES, `${name}.svg`), `${svg}\n`);
  console.log(`docs/images/${name}.svg`);
}

const { cost, curve } = await results('verdict-cost');
await mkdir(IMAGES, { recursive: true });
await draw('verdicts', verdictsPicture(curve.points));
await draw('answers', answersPicture(cost.rows));
await draw('restarts', restartsPicture(curve.restarts));
