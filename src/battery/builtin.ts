/**
 * The gate's own probes. They are imported, not read, so that the bundle holds them. `name` and `version` stand in every
 * file because each is a battery file of its own (`--battery probes/medical.json` works); a test holds the versions equal.
 */
import aiAndPower from '../../probes/ai-and-power.json' with { type: 'json' };
import dangerousSports from '../../probes/dangerous-sports.json' with { type: 'json' };
import deception from '../../probes/deception.json' with { type: 'json' };
import everyday from '../../probes/everyday.json' with { type: 'json' };
import finance from '../../probes/finance.json' with { type: 'json' };
import hate from '../../probes/hate.json' with { type: 'json' };
import hostility from '../../probes/hostility.json' with { type: 'json' };
import insecureCode from '../../probes/insecure-code.json' with { type: 'json' };
import medical from '../../probes/medical.json' with { type: 'json' };
import personaJailbreak from '../../probes/persona-jailbreak.json' with { type: 'json' };
import selfHarm from '../../probes/self-harm.json' with { type: 'json' };
import sycophancy from '../../probes/sycophancy.json' with { type: 'json' };
import unethicalConduct from '../../probes/unethical-conduct.json' with { type: 'json' };
import values from '../../probes/values.json' with { type: 'json' };
import violence from '../../probes/violence.json' with { type: 'json' };
import type { CATEGORIES, Probe } from './battery.js';

const FILES: Readonly<Record<(typeof CATEGORIES)[number], { readonly probes: readonly Probe[] }>> = {
  everyday,
  'ai-and-power': aiAndPower,
  violence,
  'self-harm': selfHarm,
  hate,
  hostility,
  sycophancy,
  deception,
  medical,
  'dangerous-sports': dangerousSports,
  finance,
  'insecure-code': insecureCode,
  'unethical-conduct': unethicalConduct,
  'persona-jailbreak': personaJailbreak,
  values,
};

/** In the order of `CATEGORIES`. */
export const BUILTIN_PROBES: readonly Probe[] = Object.values(FILES).flatMap((file) => file.probes);

export const BUILTIN_VERSION: string = everyday.version;
