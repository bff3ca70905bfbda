/** The part of a JSON Schema that key order needs. */
export interface OrderSchema {
  readonly [keyword: string]: unknown;
  readonly $ref?: string;
  readonly $defs?: Readonly<Record<string, OrderSchema>>;
  readonly properties?: Readonly<Record<string, OrderSchema>>;
  readonly items?: OrderSchema;
}

/**
 * The same value with every object's keys in the order of its schema, and keys that the schema leaves open in
 * alphabetical order after them: two reports of one run are equal byte by byte, and the verdict stands near the top.
 */
export function ordered(value: unknown, schema: OrderSchema, root: OrderSchema = schema): unknown {
  const node = schema.$ref === undefined ? schema : (root.$defs?.[schema.$ref.replace('#/$defs/', '')] ?? {});
  if (Array.isArray(value)) return value.map((entry) => ordered(entry, node.items ?? {}, root));
  if (typeof value !== 'object' || value === null) return value;
  const known = Object.keys(node.properties ?? {});
  const entries = Object.entries(value).sort(([a], [b]) => rank(a, known) - rank(b, known) || (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, entry]) => [key, ordered(entry, node.properties?.[key] ?? {}, root)]));
}

function rank(key: string, known: readonly string[]): number {
  const at = known.indexOf(key);
  return at === -1 ? known.length : at;
}
