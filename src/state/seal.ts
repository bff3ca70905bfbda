import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto';
import { Ajv } from 'ajv';

/**
 * A report with a code that only holders of the key can make, so that a later job may take its verdict over from a place
 * that others can write to (an artifact), without sampling again.
 */
export interface Sealed {
  /** What was measured and how: equal only where candidate, baseline, judge, battery and settings are. */
  readonly subject: string;
  /** report.json, to the byte. */
  readonly report: string;
}

interface SealedFile extends Sealed {
  readonly version: 1;
  readonly mac: string;
}

const text = { type: 'string' } as const;
const isSealedFile = new Ajv().compile<SealedFile>({
  type: 'object',
  required: ['version', 'subject', 'report', 'mac'],
  properties: {
    version: { const: 1 },
    subject: text,
    report: text,
    mac: { type: 'string', pattern: '^[0-9a-f]{64}$' },
  },
});

/** @param secret `state-key`, else an API key */
export function seal(secret: string, { subject, report }: Sealed): string {
  const file: SealedFile = { version: 1, subject, report, mac: macOf(secret, { subject, report }).toString('hex') };
  return `${JSON.stringify(file)}\n`;
}

/** What was sealed; null for anything that this key did not seal. */
export function openSealed(secret: string, file: string): Sealed | null {
  const parsed = parse(file);
  if (!isSealedFile(parsed)) return null;
  const genuine = timingSafeEqual(macOf(secret, parsed), Buffer.from(parsed.mac, 'hex'));
  return genuine ? { subject: parsed.subject, report: parsed.report } : null;
}

/** HKDF (RFC 5869) keeps the key apart from the API key's own use, and from the journal's. */
function macOf(secret: string, { subject, report }: Sealed): Buffer {
  const key = Buffer.from(hkdfSync('sha256', secret, 'misalignment-gate', 'sealed report 1', 32));
  return createHmac('sha256', key)
    .update(JSON.stringify([subject, report]))
    .digest();
}

function parse(file: string): unknown {
  try {
    return JSON.parse(file);
  } catch {
    return null;
  }
}
