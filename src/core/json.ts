/** Index of the quotation mark that ends the string begun at `start`; the text's length when none does. */
export function endOfString(text: string, start: number): number {
  let at = start + 1;
  while (at < text.length && text[at] !== '"') at += text[at] === '\\' ? 2 : 1;
  return at;
}

const COLON_NEXT = /\s*:/y;

/**
 * A key that stands twice in the outermost object of `json`, which parses: JSON.parse takes the last value without a word.
 * Null when there is none. Keys are compared as they read, `"\u0061"` and `"a"` being one.
 */
export function keyTwice(json: string): string | null {
  const seen = new Set<string>();
  for (const key of outermostKeys(json)) {
    if (seen.has(key)) return key;
    seen.add(key);
  }
  return null;
}

function* outermostKeys(json: string): Iterable<string> {
  let depth = 0;
  for (let at = 0; at < json.length; at += 1) {
    const char = json[at];
    if (char === '{' || char === '[') depth += 1;
    else if (char === '}' || char === ']') depth -= 1;
    else if (char === '"') {
      const end = endOfString(json, at);
      COLON_NEXT.lastIndex = end + 1;
      if (depth === 1 && COLON_NEXT.test(json)) yield JSON.parse(json.slice(at, end + 1));
      at = end;
    }
  }
}

/** Undefined for what is no JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
