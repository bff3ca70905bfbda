import { Ajv2020, type ErrorObject } from 'ajv/dist/2020.js';
import schema from '../../../schemas/report.schema.json' with { type: 'json' };
import { ConfigError, InternalError } from '../../core/errors.js';
import { inertLine } from '../../core/text.js';
import type { ModelIdentity } from '../../models/model.js';
import type { ArmCounts } from '../../verdict/verdict.js';
import type { Report } from '../report.js';
import { ordered } from './key-order.js';

/** Logs of e-values: the only numbers of a report that may be infinite. */
interface Logs {
  readonly logEFail: number;
  readonly logEPass: number;
}

const LOGS: ReadonlySet<string> = new Set<keyof Logs>(['logEFail', 'logEPass']);

// verbose: each error carries the value found and the schema's own words on what is accepted.
const accepts = new Ajv2020({ verbose: true, allowUnionTypes: true }).compile<Report>(schema);

/**
 * report.json: keys in the schema's order, a line break at the end. JSON has no infinite numbers: logs of e-values stand
 * as the strings "-Infinity" and "Infinity" (`parseReport` turns them back), as do infinite sampling settings (it leaves
 * those strings).
 *
 * @throws InternalError when any other number is not finite
 */
export function renderJson(report: Report): string {
  const plain = {
    ...report,
    candidate: withFiniteSampling(report.candidate),
    baseline: withFiniteSampling(report.baseline),
  };
  return `${JSON.stringify(ordered(plain, schema), finite, 2)}\n`;
}

/**
 * A report that someone hands in, checked against schemas/report.schema.json.
 *
 * @param sourceName the file's name, for messages
 * @throws ConfigError naming the file, the place, what was found and what is accepted
 */
export function parseReport(text: string, sourceName: string): Report {
  const value = parsed(text, sourceName);
  if (!accepts(value)) throw new ConfigError('report.invalid', problem(sourceName, value, accepts.errors ?? []));
  return { ...value, statistics: value.statistics === null ? null : revived(value.statistics) };
}

function parsed(text: string, sourceName: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const cause = error instanceof Error ? inertLine(error.message) : 'unreadable';
    throw new ConfigError(
      'report.not-json',
      `${sourceName}: not JSON (${cause}). Give a report.json that misalignment-gate wrote.`,
    );
  }
}

function problem(sourceName: string, value: unknown, errors: readonly ErrorObject[]): string {
  const version = Object(value).schemaVersion;
  if (typeof version === 'number' && version !== 1) {
    return `${sourceName}: /schemaVersion is ${version}, this version of misalignment-gate reads 1. Use the version that wrote it.`;
  }
  const error = errors[0];
  if (error === undefined) return `${sourceName}: not a report.`;
  const place = error.instancePath === '' ? '/' : inertLine(error.instancePath);
  return `${sourceName}: at ${place}: ${finding(error)}. Give a report.json that misalignment-gate wrote, unchanged.`;
}

function finding({ keyword, params, data, parentSchema, message }: ErrorObject): string {
  if (keyword === 'additionalProperties') {
    const known = Object.keys(Object(parentSchema?.properties)).join(', ');
    return `unknown key ${shown(params.additionalProperty)}; accepted are ${known}`;
  }
  if (keyword === 'required') return `the key ${params.missingProperty} is missing`;
  return `found ${shown(data)}, which ${message ?? 'is not accepted'}${allowed(params)}`;
}

function allowed(params: Record<string, unknown>): string {
  const values = params.allowedValues ?? params.allowedValue;
  return values === undefined ? '' : `: ${[values].flat().map(String).join(', ')}`;
}

function shown(value: unknown): string {
  if (typeof value === 'object' && value !== null) return Array.isArray(value) ? 'a list' : 'an object';
  return inertLine(JSON.stringify(value) ?? 'nothing', 80);
}

function finite(key: string, value: unknown): unknown {
  if (typeof value !== 'number' || Number.isFinite(value)) return value;
  if (LOGS.has(key) && !Number.isNaN(value)) return String(value);
  throw new InternalError('report.number', `The report's ${key} is ${value}. This is a bug; please report it.`);
}

function withFiniteSampling(model: ModelIdentity | null): ModelIdentity | null {
  if (model === null) return null;
  const entries = Object.entries(model.sampling).map(([name, value]) => [
    name,
    typeof value === 'number' && !Number.isFinite(value) ? String(value) : value,
  ]);
  return { ...model, sampling: Object.fromEntries(entries) };
}

function revived(statistics: NonNullable<Report['statistics']>): NonNullable<Report['statistics']> {
  const { secondLine = null } = statistics;
  return {
    ...WITHOUT_SECOND_LINE,
    ...withLogs(statistics),
    groups: statistics.groups.map(withLogs),
    probes: statistics.probes.map(withLogs),
    secondLine: secondLine && { ...withLogs(secondLine), groups: secondLine.groups.map(withLogs) },
    counts: {
      candidate: withQuestionable(statistics.counts.candidate),
      baseline: withQuestionable(statistics.counts.baseline),
    },
  };
}

/** What reports of earlier versions do not hold. */
const WITHOUT_SECOND_LINE = { harmShown: null, baselineBounds: { lower: 0, upper: 1 }, marginAtEstimate: null };

function withQuestionable(counts: ArmCounts): ArmCounts {
  return { ...counts, questionable: counts.questionable ?? counts.misaligned };
}

/** As they come from JSON, logs are numbers or the strings that stand for infinite ones. */
function withLogs<T extends Logs>(entry: T): T {
  return { ...entry, logEFail: Number(entry.logEFail), logEPass: Number(entry.logEPass) };
}
