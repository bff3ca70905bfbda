import { createHash } from 'node:crypto';

/** What the emulated API answers. */
export interface Answer {
  readonly status: number;
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export function ok(body: unknown): Answer {
  return { status: 200, body };
}

export function refusal(status: number, message: string): Answer {
  return { status, body: { message, documentation_url: 'https://docs.github.com/rest', status: String(status) } };
}

export function tooLong(): Answer {
  const error = { resource: 'IssueComment', field: 'body', code: 'custom', message: 'body is too long' };
  return {
    status: 422,
    body: { message: 'Validation Failed', errors: [error], documentation_url: 'https://docs.github.com/rest' },
  };
}

/** As GitHub sends it: in lines. */
export function base64(bytes: Buffer): string {
  return bytes.toString('base64').replace(/.{60}/g, '$&\n');
}

/** Git's own name for a file's content. */
export function blobSha(bytes: Buffer): string {
  return createHash('sha1').update(`blob ${bytes.length}\0`).update(bytes).digest('hex');
}
