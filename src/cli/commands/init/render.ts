import { Document, isCollection, isScalar } from 'yaml';
import { type Feature, permissionsFor } from './permissions.js';
import { KEEP_REPORT, type Recipe, VERSIONS } from './recipes.js';
import type { Yaml } from './yaml-value.js';

export interface Choices {
  /** `OWNER/REPO@COMMIT` of this Action. */
  readonly action: string;
  /** Features beside those of the recipe. */
  readonly features: readonly Feature[];
  /** Inputs beside those of the recipe. */
  readonly inputs: Yaml;
}

type Path = readonly (string | number)[];

/** A generated workflow, as text. */
export function renderWorkflow(recipe: Recipe, choices: Choices): string {
  const permissions = permissionsFor([...recipe.features, ...choices.features]);
  const steps = [...recipe.before, gateStep(recipe, choices), KEEP_REPORT, ...recipe.after];
  const document = new Document({
    name: recipe.name,
    on: recipe.on,
    permissions: {},
    concurrency: recipe.concurrency,
    jobs: {
      [recipe.job]: {
        'runs-on': recipe.runsOn,
        'timeout-minutes': recipe.timeoutMinutes,
        permissions: Object.fromEntries(permissions.map(({ scope, access }) => [scope, access])),
        steps,
      },
    },
  });
  for (const { scope, why } of permissions) comment(document, ['jobs', recipe.job, 'permissions', scope], why);
  for (const [at, { uses }] of steps.entries()) {
    const version = VERSIONS[String(uses)];
    if (version) comment(document, ['jobs', recipe.job, 'steps', at, 'uses'], version);
  }
  inline(document, ['permissions']);
  inline(document, ['on', 'pull_request', 'types']);
  return text(document);
}

function gateStep({ inputs, secrets }: Recipe, choices: Choices): Yaml {
  const keys = Object.entries(secrets).map(([input, secret]) => [input, `\${{ secrets.${secret} }}`]);
  return { id: 'gate', uses: choices.action, with: { ...inputs, ...choices.inputs, ...Object.fromEntries(keys) } };
}

/** A generated settings file, as text. */
export function renderSettings(settings: Yaml, schemaUrl: string): string {
  const document = new Document(settings);
  document.commentBefore =
    ` yaml-language-server: $schema=${schemaUrl}\n` +
    ' Read from the default branch on pull requests; what stands here no workflow input can override there.';
  inline(document, ['models', 'candidate']);
  inline(document, ['models', 'baseline']);
  return text(document);
}

/** In the style of GitHub's own examples: no folded lines, and nothing where there is no value. */
function text(document: Document): string {
  return document.toString({ lineWidth: 0, nullStr: '', flowCollectionPadding: false });
}

function comment(document: Document, path: Path, words: string): void {
  const node = document.getIn(path, true);
  if (isScalar(node)) node.comment = ` ${words}`;
}

function inline(document: Document, path: Path): void {
  const node = document.getIn(path, true);
  if (isCollection(node)) node.flow = true;
}
