/** What a file system says that the user, and nobody else, can mend; in words. */
const REFUSALS: Readonly<Record<string, string>> = {
  EROFS: 'it lies on a file system that is read-only',
  EACCES: 'this user may not write there',
  EPERM: 'this user may not write there',
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  EMFILE: 'too many files are open',
  ENFILE: 'too many files are open on this machine',
  ENOTDIR: 'a part of the path is a file, not a folder',
  EEXIST: 'a file stands in the way',
  EISDIR: 'a folder stands in the way of a file',
  ELOOP: 'a symbolic link stands in the way',
  ENAMETOOLONG: 'the name is too long',
  EIO: 'the disk reports an error',
  EBUSY: 'another program uses it',
  ETXTBSY: 'another program uses it',
  ENXIO: 'there is no such device',
  ENODEV: 'there is no such device',
  ESTALE: 'the network file system has lost it',
  EFBIG: 'a file would be too large',
};

/** Why the file system refused, in words; null for what is no refusal of a file system. */
export function fileTrouble(error: unknown): string | null {
  // By its shape: what Node's own modules throw need not be an Error of this realm.
  const { code, syscall, path } = (error ?? {}) as NodeJS.ErrnoException;
  const why = REFUSALS[code ?? ''];
  // Sockets have codes of their own, and some of these; what was opened, made, written or renamed is a file.
  if (why === undefined || syscall === undefined || /connect|listen|bind|getaddrinfo|spawn|read$/.test(syscall))
    return null;
  return `${path === undefined ? '' : `${JSON.stringify(path)}: `}${why} (${code})`;
}

/** The same of any error, for where a folder can't be used: there even "no such file" is a refusal. */
export function whyUnusable(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  return (
    fileTrouble(error) ??
    (code === 'ENOENT' ? 'no folder can be made there (ENOENT)' : (code ?? message ?? String(error)))
  );
}
