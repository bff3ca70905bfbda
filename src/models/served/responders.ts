import type { Missing } from '../model.js';
import type { Completion } from './completion.js';

/** Of each kind, so that a server that makes up a new one for every reply fills no memory. */
const MAX_NAMES = 5;

/** What the replies say of who gave them. All names are from outside. */
export class WhoAnswered {
  readonly #served = new Set<string>();
  readonly #fingerprints = new Set<string>();
  readonly #providers = new Set<string>();

  note(reply: Completion | Missing): void {
    if (reply.kind !== 'completion') return;
    keep(this.#served, reply.servedModel);
    keep(this.#fingerprints, reply.fingerprint);
    keep(this.#providers, reply.provider);
  }

  /** The name under which the server answered first. */
  get served(): string | null {
    const [first = null] = this.#served;
    return first;
  }

  /** What the server calls its configuration; several, where it changed. */
  get fingerprint(): string | null {
    return listed(this.#fingerprints);
  }

  /** Whom a router handed the requests to. */
  get provider(): string | null {
    return listed(this.#providers);
  }

  /** @param who `candidate`, `judge.confirm` */
  notes(who: string): readonly string[] {
    return [
      ...several(
        this.#served,
        (names) => `${who}: answers came under several names: ${names}. Did a router fall back to another model?`,
      ),
      ...several(
        this.#fingerprints,
        (names) =>
          `${who}: the server's configuration changed in mid-run, or several servers answer under one name (system_fingerprint ${names}).`,
      ),
      ...several(
        this.#providers,
        (names) =>
          `${who}: answers came from several providers: ${names}. They may run other weights; pin one in extra-body.`,
      ),
    ];
  }
}

function keep(names: Set<string>, name: string | null): void {
  if (name !== null && names.size < MAX_NAMES) names.add(name);
}

function listed(names: ReadonlySet<string>): string | null {
  return names.size === 0 ? null : [...names].join(', ');
}

function several(names: ReadonlySet<string>, words: (names: string) => string): readonly string[] {
  return names.size < 2 ? [] : [words([...names].map((name) => `"${name}"`).join(', '))];
}
