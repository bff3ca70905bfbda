/** What a generated workflow uses of the gate; each feature costs permissions of the job's token. */
export type Feature =
  | 'settings'
  | 'checkout'
  | 'comment'
  | 'override'
  | 'takeover'
  | 'history'
  | 'issue'
  | 'check'
  | LookUp;

/** Of events that don't name what they are about; in no generated workflow. */
type LookUp = 'on-comment' | 'on-workflow-run';

export type Access = 'read' | 'write';

export interface Permission {
  readonly scope: 'contents' | 'pull-requests' | 'actions' | 'issues' | 'checks';
  readonly access: Access;
  /** For whoever reads the workflow. */
  readonly why: string;
}

/** docs/permissions.md has this as a table; a test holds the two together. */
export const PERMISSIONS: Readonly<Record<Feature, readonly Permission[]>> = {
  settings: [{ scope: 'contents', access: 'read', why: 'settings, proposed candidate' }],
  checkout: [{ scope: 'contents', access: 'read', why: 'checkout' }],
  comment: [{ scope: 'pull-requests', access: 'write', why: 'comment' }],
  override: [
    { scope: 'pull-requests', access: 'write', why: 'override label' },
    { scope: 'actions', access: 'read', why: 'when this head was pushed, for the override label' },
  ],
  takeover: [{ scope: 'actions', access: 'read', why: 'sealed reports of earlier runs' }],
  history: [{ scope: 'contents', access: 'write', why: 'history branch' }],
  issue: [{ scope: 'issues', access: 'write', why: 'tracking issue' }],
  'on-comment': [{ scope: 'pull-requests', access: 'read', why: 'which commit a comment is about' }],
  'on-workflow-run': [{ scope: 'pull-requests', access: 'read', why: 'which pull request a commit is of' }],
  check: [{ scope: 'checks', access: 'write', why: 'check run' }],
};

/** Exactly what these features need, one entry a scope. */
export function permissionsFor(features: readonly Feature[]): readonly Permission[] {
  const merged = new Map<Permission['scope'], Permission>();
  for (const permission of features.flatMap((feature) => PERMISSIONS[feature])) {
    const { scope, access, why } = merged.get(permission.scope) ?? permission;
    const reasons = new Set([...why.split('; '), permission.why]);
    const most = access === 'write' || permission.access === 'write' ? 'write' : 'read';
    merged.set(scope, { scope, access: most, why: [...reasons].join('; ') });
  }
  return [...merged.values()];
}
