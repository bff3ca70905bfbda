import type { InlineCode, PhrasingContent } from 'mdast';
import { inertLine } from '../../core/text.js';

/**
 * Sentences that may quote outside text (reasons, notes, guards' messages), as Markdown nodes. Escaping is not enough
 * on GitHub: `@name`, `#12`, a commit's hash or `:emoji:` act in plain text however they are escaped. So only words
 * that are certainly plain stay text; every other stretch becomes inline code, where nothing acts.
 */

const EMPTY = '(empty)';

const OPENING = '["\'“‘(]*';
const CLOSING = '["\'”’).,;:!?…]*';
const WORD = "\\p{L}[\\p{L}\\p{M}]*(?:['’\\-–/]\\p{L}[\\p{L}\\p{M}]*)*";
/** Before a digit a sign of comparison begins no HTML. */
const NUMBER = '[<>]?[+−-]?\\d{1,6}(?:[.,–]\\d{1,6})*';
/** A sign of comparison stands alone: `<!` and `<?` begin HTML. */
const PLAIN = new RegExp(`^(?:[<>]=?|${OPENING}(?:${WORD}|${NUMBER}|%|[=≤≥–—+×·→-])?${CLOSING})$`, 'u');
/** A word of these letters alone could be a commit. */
const HASH = /[a-f]{7}/i;
/**
 * A setting with its value, as one writes it into the file: `verdict.max-unjudged: 0.01`. A colon also begins an explanation
 * ("well-known: 1,200 answers"), so the name or the value must be such as nothing else has.
 */
const WORD_OF_SETTINGS = '[a-z]+(?:-[a-z]+)*';
const SETTING = new RegExp(
  `(?<![\\w.\`-])(${[
    `${WORD_OF_SETTINGS}(?:\\.${WORD_OF_SETTINGS})*: (?:true|false|always|never|\\{[^{}\`]{1,100}\\}|\\[[^[\\]\`]{1,100}\\])`,
    `(?=[a-z]+[.-])${WORD_OF_SETTINGS}(?:\\.${WORD_OF_SETTINGS})*: (?:accept|skip|sealed|auto|fail|inconclusive|off)`,
    `(?:${WORD_OF_SETTINGS}(?:\\.${WORD_OF_SETTINGS})+|(?:max|min|timeout|reply|wait)(?:-[a-z]+)+): \\d+(?:\\.\\d+)?[a-z]*`,
  ].join('|')})(?![\\w%-]| %)`,
);
const QUOTED_AS_CODE = /(?<!`)`([^`\s](?:[^`]*[^`\s])?)`(?!`)/;

/** One paragraph's worth of nodes, never none. Longer texts are cut with a notice. */
export function prose(text: string, limit = 1_000): PhrasingContent[] {
  const nodes = fragment(text.trim(), limit);
  return nodes.length === 0 ? [{ type: 'text', value: EMPTY }] : nodes;
}

/** A piece of a sentence: blanks at its ends are kept, to stand beside other nodes. */
export function fragment(text: string, limit = 1_000): PhrasingContent[] {
  const nodes: PhrasingContent[] = [];
  // Split at a capturing pattern: every second part is what stood between backticks.
  for (const [at, part] of inertLine(text, limit).split(QUOTED_AS_CODE).entries()) {
    if (at % 2 === 1) appendCode(nodes, part);
    // Here the blanks are kept, so that joining gives the text again.
    else appendSentence(nodes, part);
  }
  return nodes;
}

function appendSentence(nodes: PhrasingContent[], text: string): void {
  for (const [at, part] of text.split(SETTING).entries()) {
    if (at % 2 === 1) appendCode(nodes, part);
    else for (const token of part.split(/( +)/)) append(nodes, token);
  }
}

/** Outside text on one line as inline code; in a table it stays in its cell. */
export function code(text: string, limit = 200): InlineCode {
  const value = inertLine(text.trim(), limit);
  return { type: 'inlineCode', value: value === '' ? EMPTY : value };
}

function append(nodes: PhrasingContent[], token: string): void {
  // A full stop after a name is ours, and reads better outside.
  const name = isPlain(token) ? '' : token.replace(/[.,;:!?]+$/, '');
  if (name !== '') appendCode(nodes, name);
  appendText(nodes, token.slice(name.length));
}

function appendText(nodes: PhrasingContent[], value: string): void {
  const last = nodes.at(-1);
  if (last?.type === 'text') last.value += value;
  else if (value !== '') nodes.push({ type: 'text', value });
}

/** Two stretches of code side by side, or with a blank between them, become one: side by side their ticks would run together. */
function appendCode(nodes: PhrasingContent[], value: string): void {
  const [before, last] = [nodes.at(-2), nodes.at(-1)];
  if (last?.type === 'inlineCode') last.value += value;
  else if (before?.type === 'inlineCode' && last?.type === 'text' && last.value.trim() === '') {
    before.value += last.value + value;
    nodes.pop();
  } else nodes.push({ type: 'inlineCode', value });
}

function isPlain(token: string): boolean {
  return token.trim() === '' || (PLAIN.test(token) && !HASH.test(token));
}
