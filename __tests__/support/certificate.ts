import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

export interface Certificate {
  readonly key: Buffer;
  readonly cert: Buffer;
  /** Where the certificate lies, for `NODE_EXTRA_CA_CERTS`: it is its own authority. */
  readonly path: string;
}

/** A new certificate that no authority knows. @param names as `subjectAltName` has them: `IP:127.0.0.1`, `DNS:models.invalid` */
export async function makeCertificate(folder: string, names: readonly string[]): Promise<Certificate> {
  const [key, path] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  const subject = ['-subj', '/CN=test', '-addext', `subjectAltName=${names.join(',')}`];
  const files = ['-keyout', key, '-out', path];
  await promisify(execFile)('openssl', [
    'req',
    '-x509',
    '-newkey',
    'rsa:2048',
    '-nodes',
    '-days',
    '2',
    ...files,
    ...subject,
  ]);
  return { key: await readFile(key), cert: await readFile(path), path };
}
