/** A step or a mapping of a workflow, as YAML will have it. */
export type Yaml = Readonly<Record<string, unknown>>;
