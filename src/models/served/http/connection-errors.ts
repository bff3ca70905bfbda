import { asObject, inertWords } from '../failures/error-body.js';

/** What to look at, by the system's or the TLS library's code. */
const CAUSES: Readonly<Record<string, string>> = {
  ENOTFOUND: 'the host name is unknown: check its spelling',
  EAI_AGAIN: 'the host name could not be looked up: check the network',
  ECONNREFUSED: 'nothing listens there: is the server up, and is the port right?',
  ECONNRESET: 'the connection was cut',
  EHOSTUNREACH: 'there is no route to the host',
  ENETUNREACH: 'there is no route to the network',
  ETIMEDOUT: 'no answer in time: check host, port and firewall',
  UND_ERR_CONNECT_TIMEOUT: 'no answer in time: check host, port and firewall',
  UND_ERR_SOCKET: 'the server closed the connection',
  ERR_SSL_WRONG_VERSION_NUMBER: 'the server does not speak TLS: should the address start with http://?',
  EPROTO: 'the server does not speak TLS: should the address start with http://?',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'its certificate is self-signed: give its authority in NODE_EXTRA_CA_CERTS',
  SELF_SIGNED_CERT_IN_CHAIN: 'its certificate is self-signed: give its authority in NODE_EXTRA_CA_CERTS',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'its certificate is not trusted: give its authority in NODE_EXTRA_CA_CERTS',
  CERT_HAS_EXPIRED: 'its certificate has expired',
};

/** Why a connection came to nothing, in words. */
export function whyUnreachable(error: unknown): string {
  const code = textIn(error, 'code');
  const why = (code !== null && CAUSES[code]) || inertWords(textIn(error, 'message') ?? 'unknown');
  return code === null ? why : `${why} (${code})`;
}

/** The causes, outermost first. Known by their shape, not their class: they come from Node's own fetch. */
export function causes(error: unknown): readonly Readonly<Record<string, unknown>>[] {
  const entry = asObject(error);
  if (entry === undefined) return [];
  // Tried on several addresses (IPv6, IPv4): the first failure stands for all.
  const inner: unknown = Array.isArray(entry.errors) ? entry.errors[0] : entry.cause;
  return [entry, ...causes(inner)];
}

function textIn(error: unknown, key: 'code' | 'message'): string | null {
  const found = causes(error).map((entry) => entry[key]);
  return found.filter((value): value is string => typeof value === 'string' && value !== '').at(-1) ?? null;
}
