/**
 * Reads charts (a JSON list) from standard input and writes what Mermaid makes of each: its kind, or its complaint. A process of
 * its own, because Mermaid needs a browser's globals, and jest can't load the one that Node has.
 */
import { text } from 'node:stream/consumers';
// @ts-expect-error it brings no types
import { JSDOM } from 'jsdom';

const { window } = new JSDOM('');
Object.assign(globalThis, { window, document: window.document });
const { default: mermaid } = await import('mermaid');

/** @type {readonly string[]} */
const charts = JSON.parse(await text(process.stdin));
const found = [];
for (const chart of charts) {
  found.push(
    await mermaid.parse(chart).then(
      ({ diagramType }) => diagramType,
      (error) => String(error),
    ),
  );
}
console.log(JSON.stringify(found));
