import { parseReference } from '../config/model-reference.js';
import type { ModelSettings } from '../config/settings.js';
import { ConfigError } from '../core/errors.js';
import type { Arm, Model } from './model.js';
import type { ModelPorts } from './request-budget.js';

/**
 * Opens the model that a reference names. Client library and llama.cpp are loaded only when used.
 * Recordings are opened in pairs: see `openReplay`.
 * @throws ConfigError for a reference that can't be opened
 */
export async function openModel(settings: ModelSettings, arm: Arm, ports: ModelPorts): Promise<Model> {
  const reference = parseReference(settings.reference, arm);
  switch (reference.kind) {
    case 'served': {
      const { openServed } = await import('./served/served-model.js');
      return openServed(reference.name, settings, arm, ports);
    }
    case 'gguf':
    case 'demo': {
      const { openLlama } = await import('./embedded/embedded-model.js');
      return openLlama(reference, settings, arm, ports);
    }
    case 'replay':
      throw refused(
        arm,
        settings,
        'recorded answers are compared with recorded answers: give replay:PATH for both models',
      );
    case 'report':
      throw refused(
        arm,
        settings,
        arm === 'candidate' ? 'report:PATH is for the baseline' : 'a report is no model: the gate reads it itself',
      );
    case 'file':
      throw refused(
        arm,
        settings,
        arm === 'baseline'
          ? 'file:PATH#/pointer is for the candidate'
          : 'the file must hold a model reference that is not itself a file: reference',
      );
  }
}

function refused(arm: Arm, { reference }: ModelSettings, why: string): ConfigError {
  return new ConfigError('config.model-reference', `${arm}: ${JSON.stringify(reference)}: ${why}`);
}
