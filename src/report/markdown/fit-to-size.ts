import type { RootContent } from 'mdast';
import { count } from '../../core/numbers.js';
import { EXCERPT_LIMITS, type InertLimits } from '../../core/text.js';
import { faultSection } from '../fault-table.js';
import type { Excerpt, Report } from '../report.js';
import { paragraph, serialise } from './mdast.js';
import { excerptSection, SHORT_EXCERPTS } from './sections/excerpts.js';
import { FULL_HEAD, type HeadExtras, type HeadLimits, head, NO_EXTRAS, SHORT_HEAD } from './sections/head.js';
import { judgeSection } from './sections/judge-fitness.js';
import { costSection, missingSection, modelSection, reproduceSection, settingSection } from './sections/provenance.js';
import {
  countSection,
  groupSections,
  guardSection,
  partSection,
  probeSection,
  readingSection,
} from './sections/statistics.js';

/** One step of getting smaller: what is still shown. */
interface Step {
  readonly head: HeadLimits;
  readonly excerpts: InertLimits | null;
  readonly settings: boolean;
  readonly groups: boolean;
  readonly rest: boolean;
  /** What a reader of this step must know is not there. */
  readonly leftOut: readonly string[];
}

const EVERYTHING: Step = {
  head: FULL_HEAD,
  excerpts: EXCERPT_LIMITS,
  settings: true,
  groups: true,
  rest: true,
  leftOut: [],
};
const WORST_ANSWERS = 'the worst answers';
const SHORTER: Step = { ...EVERYTHING, excerpts: SHORT_EXCERPTS, leftOut: ['most of the worst answers’ text'] };
const NO_EXCERPTS: Step = { ...EVERYTHING, excerpts: null, leftOut: [WORST_ANSWERS] };
const NO_SETTINGS: Step = {
  ...NO_EXCERPTS,
  settings: false,
  leftOut: [...NO_EXCERPTS.leftOut, 'the settings', 'the models’ sampling'],
};
const NO_GROUPS: Step = {
  ...NO_SETTINGS,
  groups: false,
  leftOut: [...NO_SETTINGS.leftOut, 'categories, variants and probes'],
};
const HEAD_ONLY: Step = {
  ...NO_GROUPS,
  head: SHORT_HEAD,
  rest: false,
  leftOut: [...NO_GROUPS.leftOut, 'all other sections', 'long reasons and notes'],
};
const STEPS: readonly Step[] = [EVERYTHING, SHORTER, NO_EXCERPTS, NO_SETTINGS, NO_GROUPS, HEAD_ONLY];

/** What stands around the report on one surface. */
export interface Frame {
  readonly excerpts: readonly Excerpt[];
  /** UTF-8 bytes. */
  readonly maxBytes: number;
  readonly before: readonly RootContent[];
  readonly after: readonly RootContent[];
  readonly extras?: HeadExtras;
}

/**
 * The report as Markdown in at most `maxBytes` UTF-8 bytes: the first step that fits, with a line that says what it
 * leaves out. The last step takes less than 32,000 bytes whatever the report holds, and is given even where less was asked for.
 */
export function fitted(report: Report, frame: Frame): string {
  let text = '';
  for (const step of STEPS) {
    text = serialise([...frame.before, ...body(report, frame, step), ...frame.after]);
    if (utf8Bytes(text) <= frame.maxBytes) break;
  }
  return text;
}

function body(report: Report, frame: Frame, step: Step): RootContent[] {
  const { statistics } = report;
  return [
    ...head(report, step.head, frame.extras ?? NO_EXTRAS),
    ...leftOut(step, frame),
    ...(statistics !== null && step.groups
      ? [...partSection(statistics), ...groupSections(statistics), ...probeSection(statistics)]
      : []),
    ...(step.excerpts === null ? [] : excerptSection(frame.excerpts, step.excerpts)),
    ...(statistics !== null && step.rest
      ? [...countSection(statistics), ...guardSection(statistics), ...readingSection(statistics)]
      : []),
    ...(step.rest ? [...missingSection(report), ...faultSection(report), ...judgeSection(report)] : []),
    ...(step.settings ? [...modelSection(report), ...settingSection(report)] : []),
    ...(step.rest ? [...costSection(report), ...reproduceSection(report)] : []),
  ];
}

function leftOut(step: Step, { maxBytes, excerpts }: Frame): RootContent[] {
  const parts = step.leftOut.filter((part) => part !== WORST_ANSWERS || excerpts.length > 0);
  if (parts.length === 0) return [];
  const limit = `To stay under ${count(maxBytes)} bytes this leaves out`;
  return [paragraph(`${limit}: ${parts.join(', ')}. The whole report is in the run’s report files.`)];
}

function utf8Bytes(text: string): number {
  return new TextEncoder().encode(text).length;
}
