/** What stands in a secret's place. */
const HIDDEN = '***';
/** Shorter ones are no secrets but words of everyday text, or numbers. */
const MIN_LENGTH = 8;
/** Of shorter ones the piece of a base64 text that is theirs alone may be anybody's. */
const LEAST_FOR_BASE64 = 12;

/**
 * A text without these secrets, in whatever form a server may repeat them: as they are, in a URL, in JSON, in base64, alone or
 * within a longer text ("user:KEY"). Before anything is cut off: a secret's beginning is not found any more.
 */
export function withoutSecrets(text: string, secrets: readonly string[]): string {
  let hidden = text;
  for (const form of formsOf(secrets)) hidden = hidden.replaceAll(form, HIDDEN);
  return hidden;
}

let known: { readonly secrets: readonly string[]; readonly forms: readonly string[] } | null = null;

/** The longest first: one secret may be the beginning of another. */
function formsOf(secrets: readonly string[]): readonly string[] {
  // The same few secrets for every text of a run.
  if (known && known.secrets.length === secrets.length && known.secrets.every((one, at) => one === secrets[at])) {
    return known.forms;
  }
  const forms = [...new Set(secrets.filter(({ length }) => length >= MIN_LENGTH).flatMap(formsOfOne))];
  known = { secrets: [...secrets], forms: forms.sort((a, b) => b.length - a.length) };
  return known.forms;
}

function formsOfOne(secret: string): string[] {
  const inJson = JSON.stringify(secret).slice(1, -1);
  const inUrl = encodeURIComponent(wellFormed(secret));
  return [
    ...[secret, inJson, inJson.replaceAll('/', '\\/'), asciiJson(secret)],
    ...[inUrl, inUrl.replaceAll(/%[0-9A-F]{2}/g, (code) => code.toLowerCase()), inUrl.replaceAll('%20', '+')],
    ...(secret.length < LEAST_FOR_BASE64 ? [] : base64Forms(secret)),
  ];
}

/** As `wellFormed` of String.prototype, for which the sources' language level is too old. */
function wellFormed(text: string): string {
  return Buffer.from(text, 'utf8').toString('utf8');
}

/** Some servers escape every character beyond ASCII, and `<`, `>` and `&`. */
function asciiJson(secret: string): string {
  const escaped = (character: string) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  return JSON.stringify(secret)
    .slice(1, -1)
    .replaceAll(/[^ -~]|[<>&']/g, escaped);
}

/** What a base64 text that holds the secret has in common with all others that do: it hangs on how many bytes stand before. */
function base64Forms(secret: string): string[] {
  const bytes = Buffer.from(secret, 'utf8');
  return [0, 1, 2].flatMap((before) => {
    const text = Buffer.concat([Buffer.alloc(before), bytes])
      .toString('base64')
      .replace(/=+$/, '');
    const end = Math.floor(((before + bytes.length) * 8) / 6);
    const own = text.slice(Math.ceil((before * 8) / 6), end);
    return [own, own.replaceAll('+', '-').replaceAll('/', '_')];
  });
}
