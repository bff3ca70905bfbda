import { ConfigError } from '../../core/errors.js';
import type { EndpointSettings, Settings } from '../settings.js';
import { isServed, servedName } from './endpoints.js';

interface Asked extends Pick<EndpointSettings, 'baseUrl'> {
  readonly reference: string;
}

/**
 * A model is no judge of itself, nor of the model it is compared with: what it thinks fine, it says.
 * @throws ConfigError naming both settings
 */
export function refuseOwnJudge({
  candidate,
  baseline,
  judge,
}: Pick<Settings, 'candidate' | 'baseline' | 'judge'>): void {
  const judges = [['judge', judge], ...(judge.confirm ? [['judge.confirm', judge.confirm] as const] : [])] as const;
  const judged = [
    ['candidate', candidate],
    ['baseline', baseline],
  ] as const;
  for (const [setting, who] of judges) {
    const [role] = judged.find(([, model]) => isSame(who, model)) ?? [];
    if (role === undefined) continue;
    throw new ConfigError(
      'config.judge',
      `${setting}: ${JSON.stringify(who.reference)} is the ${role}, under the same name at the same server (${who.baseUrl}), and can't judge itself. Name another model, or say by judge-base-url where the one that is meant is served`,
    );
  }
}

function isSame(one: Asked, other: Asked): boolean {
  if (!isServed(one.reference) || !isServed(other.reference)) return false;
  return servedName(one.reference) === servedName(other.reference) && isSameAddress(one.baseUrl, other.baseUrl);
}

const LOCAL = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\]|0\.0\.0\.0)$/;

/** One server has many spellings: the machine's own names, and slashes at the end. */
function isSameAddress(one: string | null, other: string | null): boolean {
  if (one === null || other === null) return false;
  return spelled(one) === spelled(other);
}

function spelled(address: string): string {
  const { protocol, hostname, port, pathname } = new URL(address);
  return `${protocol}//${LOCAL.test(hostname) ? 'localhost' : hostname}:${port}${pathname.replace(/\/+$/, '')}`;
}
