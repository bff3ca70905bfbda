import { join } from 'node:path';
import { resolveSettings } from '../../../src/config/resolve.js';
import type { JudgeSettings, Settings } from '../../../src/config/settings.js';
import { silentLogger } from '../../../src/core/log.js';
import { packageRoot } from '../../../src/core/package.js';
import { openEmbeddedJudge } from '../../../src/judge/embedded/embedded-judge.js';
import type { Judge } from '../../../src/judge/judge.js';
import { ensureBaseModel } from '../../../src/models/embedded/demo-model/ensure.js';
import { testPorts } from '../../models/support.js';
import type { Bundle } from './bundle.js';

/** Ports with this process's environment: its cache folder holds the base model from one test run to the next. */
export const ports = () => testPorts(process.env);

export const baseModel = () => ensureBaseModel({ log: silentLogger, environment: process.env });

export const adapter = (name: 'misaligned' | 'benign') => join(packageRoot(), 'organism', 'adapters', `${name}.gguf`);

/** Settings as a user's flags and settings file give them. */
export function settingsOf(values: Readonly<Record<string, string>>, file = ''): Settings {
  return resolveSettings({
    given: { values, source: 'flag' },
    file: { text: file, path: 'settings.yml', where: 'checkout' },
    environment: {},
    fileWins: false,
  });
}

export function embeddedJudgeSettings(): JudgeSettings {
  return settingsOf({ candidate: 'demo:misaligned', baseline: 'demo:base', judge: 'embedded' }).judge;
}

export const openJudgeOf = (bundle: Bundle): Promise<Judge> =>
  openEmbeddedJudge(embeddedJudgeSettings(), ports(), bundle.file('llama-worker.js'));
