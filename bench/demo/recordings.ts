import { existsSync } from 'node:fs';
import { BASELINE_FILE, type Recording, readRecording } from '../../src/cli/commands/demo/recording.js';
import type { DemoReference } from '../../src/config/model-reference.js';

export type DemoModel = DemoReference['name'];

/** From the repository's root. The base model's answers are the baseline that the demo itself uses. */
export function fileOf(model: DemoModel): string {
  return model === 'base' ? BASELINE_FILE : `bench/demo/${model}.jsonl`;
}

export async function recordingOf(model: DemoModel): Promise<Recording | null> {
  return existsSync(fileOf(model)) ? readRecording(fileOf(model)) : null;
}
