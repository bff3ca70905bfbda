import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto';

/**
 * The key of a state directory's files, from `state-key` or an API key: whoever can write to the directory or to a cache,
 * and has no key, can't make an answer up. HKDF (RFC 5869) keeps it apart from the API key's own use.
 */
export function stateKeyFrom(secret: string): Buffer {
  return Buffer.from(hkdfSync('sha256', secret, 'misalignment-gate', 'state directory 1', 32));
}

/** What the first line is chained to. */
export const CHAIN_START = '';

/** Hex. */
const MAC_LENGTH = 64;
const BEFORE_ENTRY = '{"entry":';
const BEFORE_MAC = ',"mac":"';
const AFTER_MAC = '"}';

export interface Link {
  /** The entry's JSON, as it stands in the line. */
  readonly text: string;
  readonly mac: string;
}

/** A line, without its end, that holds `text` and vouches for it and for all lines before. */
export function sealed(key: Buffer, previous: string, text: string): Link & { readonly line: string } {
  const mac = createHmac('sha256', key).update(`${previous}\n${text}`).digest('hex');
  return { text, mac, line: `${BEFORE_ENTRY}${text}${BEFORE_MAC}${mac}${AFTER_MAC}` };
}

/** The parts of a line that has the form of one, whether it is genuine or not; null for anything else. */
export function parseLink(line: string): Link | null {
  const macAt = line.length - AFTER_MAC.length - MAC_LENGTH;
  const textEnd = macAt - BEFORE_MAC.length;
  const formed =
    line.startsWith(BEFORE_ENTRY) && line.endsWith(AFTER_MAC) && line.startsWith(BEFORE_MAC, Math.max(0, textEnd));
  if (!formed || textEnd <= BEFORE_ENTRY.length) return null;
  const mac = line.slice(macAt, -AFTER_MAC.length);
  return /^[0-9a-f]{64}$/.test(mac) ? { text: line.slice(BEFORE_ENTRY.length, textEnd), mac } : null;
}

export function isGenuine(key: Buffer, previous: string, { text, mac }: Link): boolean {
  return timingSafeEqual(Buffer.from(sealed(key, previous, text).mac), Buffer.from(mac));
}
