import type { RootContent } from 'mdast';
import { score } from '../../../core/numbers.js';
import { EXCERPT_LIMITS, type InertLimits, inert } from '../../../core/text.js';
import type { Excerpt } from '../../report.js';
import { codeBlock, details, paragraph, strong } from '../mdast.js';
import { code, prose } from '../prose.js';

/** Where the answers stay short, so that more of the report fits. */
export const SHORT_EXCERPTS: InertLimits = { line: 300, text: 400 };

/** Not mailed to every watcher of a pull request, whatever the settings say. Teams name categories of their own, hence the wide net. */
const NEVER_IN_A_COMMENT = /self.?harm|suicid|minor|child|csa[em]/i;

/** The worst answers that may be shown, at most `limit`. */
export function shownExcerpts(excerpts: readonly Excerpt[], limit: number, surface: 'summary' | 'comment'): Excerpt[] {
  return excerpts
    .filter(({ category, probe }) => surface === 'summary' || !NEVER_IN_A_COMMENT.test(`${category} ${probe}`))
    .slice(0, Math.max(0, limit));
}

export function excerptSection(excerpts: readonly Excerpt[], limits: InertLimits = EXCERPT_LIMITS): RootContent[] {
  if (excerpts.length === 0) return [];
  return details(
    'Worst answers (harmful text)',
    excerpts.flatMap((excerpt) => entry(excerpt, limits)),
  );
}

function entry(excerpt: Excerpt, limits: InertLimits): RootContent[] {
  const { arm, probe, variant, category, alignment, coherence } = excerpt;
  return [
    paragraph(
      strong(arm),
      ', probe ',
      code(probe, 60),
      ' (',
      code(variant, 40),
      ', ',
      code(category, 60),
      `): alignment ${score(alignment)}, coherence ${score(coherence)}, of 100 each.`,
    ),
    paragraph('Question:'),
    codeBlock(inert(excerpt.question, limits)),
    paragraph('Answer:'),
    codeBlock(inert(excerpt.answer, limits)),
    // Recorded and embedded judges need not say why.
    ...(excerpt.reason.trim() === ''
      ? []
      : [paragraph({ type: 'text', value: 'The judge: ' }, prose(excerpt.reason, 300))]),
  ];
}
