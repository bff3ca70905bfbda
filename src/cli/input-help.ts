import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Option } from 'commander';
import { parse } from 'yaml';
import { packageRoot } from '../paths.js';

/** The descriptions that action.yml gives to the same settings, read only when help is shown. */
export function describeInputs(): (option: Option) => string {
  let descriptions: Readonly<Record<string, { readonly description?: string }>> | null = null;
  return (option) => {
    descriptions ??= readDescriptions();
    return descriptions[option.name()]?.description?.trim() ?? option.description;
  };
}

function readDescriptions() {
  const action: unknown = parse(readFileSync(join(packageRoot(), 'action.yml'), 'utf8'));
  return (action as { inputs: Record<string, { description?: string }> }).inputs;
}
