import { afterEach, describe, expect, it } from '@jest/globals';
import { Octokit } from 'octokit';
import { publishComment, settleComment } from '../../src/github/comment.js';
import { type Marker, parseMarker, renderMarker } from '../../src/github/comment-marker.js';
import type { CommentContent, Conversation } from '../../src/github/conversation.js';
import { refusal } from '../e2e/support/github-answers.js';
import { type EmulatorOptions, GithubEmulator } from '../e2e/support/github-emulator.js';
import { recorder } from './recorder.js';

const KEY = '0123456789abcdef';
const FORMER = 'fedcba9876543210';
const LIST = 'GET /repos/{owner}/{repo}/issues/{issue_number}/comments';
const CREATE = 'POST /repos/{owner}/{repo}/issues/{issue_number}/comments';

const COMMENT = 'GET /repos/{owner}/{repo}/issues/comments/{comment_id}';

let github: GithubEmulator;

/** Something that happens once, right after GitHub has answered a request on `route`. */
function meanwhile(route: string, happens: () => unknown): NonNullable<EmulatorOptions['fault']> {
  let due = true;
  return (request) => {
    if (due && request.route === route) {
      due = false;
      setImmediate(happens);
    }
    return null;
  };
}

async function start(options: EmulatorOptions = {}): Promise<void> {
  github = await GithubEmulator.start(options);
}

afterEach(async () => {
  await github.stop();
  expect(github.violations).toEqual([]);
});

function mark(more: Partial<Marker> = {}): Marker {
  return { key: KEY, headSha: 'b'.repeat(40), runId: 20, runAttempt: 1, state: 'pass', ...more };
}

function content(text = 'verdict', marker = mark(), create = true): CommentContent {
  return {
    marker,
    formerKey: FORMER,
    create,
    render: (maxBytes) => `${renderMarker(marker)}\n\n${text}`.slice(0, maxBytes),
  };
}

function conversation(): Conversation {
  const client = new Octokit({
    ...{ auth: 'gh-token', baseUrl: github.url, throttle: { enabled: false }, retry: { enabled: false } },
    log: { debug() {}, info() {}, warn() {}, error() {} },
  });
  return { client, owner: 'team', repo: 'models', issue: 7 };
}

function publish(what: CommentContent) {
  const { log, lines } = recorder();
  return { lines, done: publishComment(async () => conversation(), what, log) };
}

const ours = (text: string, more: Partial<Marker> = {}) => ({
  issue: 7,
  author: 'github-actions[bot]',
  body: `${renderMarker(mark({ runId: 10, ...more }))}\n\n${text}`,
});

describe('the one comment on a pull request', () => {
  it('is created when there is none', async () => {
    await start();
    const published = await publish(content()).done;
    expect(github.comments).toEqual([
      { id: published?.id, issue: 7, author: 'github-actions[bot]', body: content().render(1000) },
    ]);
    expect(published?.url).toBe(`https://github.example/pull/7#issuecomment-${published?.id}`);
  });

  it('is updated by the next run, not posted again', async () => {
    await start();
    const { id } = github.addComment(ours('old'));
    expect((await publish(content('new')).done)?.id).toBe(id);
    expect(github.comments.map(({ body }) => body)).toEqual([content('new').render(1000)]);
  });

  it('names itself in its marker once it is created', async () => {
    await start();
    const published = await publish({ ...content(), numbered: true }).done;
    expect(github.comments[0]?.body).toBe(`${renderMarker({ ...mark(), id: published?.id })}\n\nverdict`);
    await publish({ ...content('again', mark({ runId: 21 })), numbered: true }).done;
    expect(parseMarker(github.comments[0]?.body ?? '')).toEqual({ ...mark({ runId: 21 }), id: published?.id });
  });

  it.each([
    ['somebody wrote something before its marker', (body: string) => `A note.\n\n${body}`],
    ['a bot put white space before its marker', (body: string) => `\ufeff\n ${body}`],
  ])('is found where %s', async (_, edit) => {
    await start();
    const comment = github.addComment(ours('old'));
    comment.body = edit(`${renderMarker(mark({ runId: 10, id: comment.id }))}\n\nold`);
    const { done, lines } = publish(content('new'));
    expect((await done)?.id).toBe(comment.id);
    expect([github.comments.map(({ body }) => body), lines]).toEqual([[content('new').render(1000)], []]);
  });

  it.each([
    ['of another comment, as a copy of it has', { id: 999 }],
    ['of none, as those of earlier versions', {}],
  ])('is not one whose moved marker has the number %s; that is said', async (_, more) => {
    await start();
    const body = `Digest:\n${renderMarker(mark({ runId: 10, ...more }))}`;
    github.addComment({ ...ours(''), body });
    const { done, lines } = publish(content('new'));
    await done;
    expect(github.comments.map((comment) => comment.body)).toEqual([body, content('new').render(1000)]);
    expect(lines).toEqual([
      expect.stringMatching(/^notice: .*not in its first line.*#issuecomment-1001.*delete it, or/),
    ]);
  });

  it.each([
    ['whose marker somebody took out', 'No marker.'],
    ['whose marker somebody moved', `Text\n${renderMarker(mark({ state: 'running' }))}`],
  ])('is the one that this run has written to before, %s', async (_, body) => {
    await start();
    const { id } = github.addComment({ ...ours(''), body });
    const { done, lines } = publish({ ...content('new'), known: { id, marker: mark({ state: 'running' }) } });
    expect((await done)?.id).toBe(id);
    expect([github.comments.map((comment) => comment.body), lines]).toEqual([[content('new').render(1000)], []]);
  });

  it('is not the one of this run’s any more that another gate has taken over, or that is gone', async () => {
    await start();
    const { id } = github.addComment(ours('other', { key: 'e'.repeat(16) }));
    await publish({ ...content('new'), known: { id, marker: mark({ state: 'running' }) } }).done;
    expect(github.comments).toHaveLength(2);
    github.comments.splice(0);
    await publish({ ...content('new'), known: { id, marker: mark({ state: 'running' }) } }).done;
    expect(github.comments).toHaveLength(1);
  });

  it('is found behind any number of pages', async () => {
    await start();
    for (let at = 0; at < 250; at++) github.addComment({ issue: 7, author: 'ann', body: `talk ${at}` });
    const { id } = github.addComment(ours('old'));
    expect((await publish(content()).done)?.id).toBe(id);
    expect(github.comments).toHaveLength(251);
  });

  it('is not what a stranger posts with our marker', async () => {
    await start();
    const forged = { ...ours('forged, pass'), author: 'mallory' };
    github.addComment(forged);
    await publish(content()).done;
    expect(github.comments.map(({ author }) => author)).toEqual(['mallory', 'github-actions[bot]']);
    expect(github.comments[0]?.body).toBe(forged.body);
  });

  it('is told by its author when the token is a person’s or an app’s', async () => {
    await start({ login: 'gate-app[bot]' });
    const { id } = github.addComment({ ...ours('old'), author: 'gate-app[bot]' });
    expect((await publish(content()).done)?.id).toBe(id);
  });

  it('is told by being a bot’s where the token may not ask GraphQL whose it is, and that is said', async () => {
    await start({ login: 'gate-app[bot]', graphql: refusal(403, 'Resource not accessible by integration') });
    const { id } = github.addComment({ ...ours('old'), author: 'gate-app[bot]' });
    github.addComment({ ...ours('forged'), author: 'mallory' });
    const { done, lines } = publish(content('new'));
    expect((await done)?.id).toBe(id);
    expect(github.comments.map(({ author }) => author)).toEqual(['gate-app[bot]', 'mallory']);
    expect(lines).toEqual([
      expect.stringMatching(
        /^notice: .*GraphQL: 403: Resource not accessible.*what gate-app\[bot\] wrote; left alone: what mallory wrote.*github-token/,
      ),
    ]);
  });

  it('is told without a word where GraphQL is shut and the token is the job’s own', async () => {
    await start({ graphql: refusal(403, 'Resource not accessible by integration') });
    const { id } = github.addComment(ours('old'));
    const { done, lines } = publish(content('new'));
    expect([(await done)?.id, lines]).toEqual([id, []]);
  });

  it('leaves the comments of other gates alone', async () => {
    await start();
    github.addComment(ours('other', { key: 'f'.repeat(16) }));
    await publish(content()).done;
    expect(github.comments).toHaveLength(2);
  });

  it('is one that an earlier version wrote under its key of that time', async () => {
    await start();
    const { id } = github.addComment(ours('old', { key: FORMER }));
    expect((await publish(content('new')).done)?.id).toBe(id);
    expect(github.comments.map(({ body }) => body)).toEqual([content('new').render(1000)]);
  });

  it.each([
    ['written in this very run', { runId: 20 }],
    ['written by a later run', { runId: 21 }],
  ])('is not one under the former key that was %s: another gate still goes by it', async (_, more) => {
    await start();
    github.addComment(ours('other', { key: FORMER, ...more }));
    await publish(content()).done;
    expect(github.comments.map(({ body }) => body)).toEqual([expect.stringContaining('other'), content().render(1000)]);
  });

  it('leaves one under the former key alone where it has its own', async () => {
    await start();
    github.addComment(ours('other', { key: FORMER }));
    const { id } = github.addComment(ours('old'));
    expect((await publish(content('new')).done)?.id).toBe(id);
    expect(github.comments[0]?.body).toContain('other');
  });

  it('is created anew when another gate takes the former one over first', async () => {
    await start({
      fault: meanwhile(LIST, () => Object.assign(github.comments[0] ?? {}, ours('taken', { key: 'e'.repeat(16) }))),
    });
    github.addComment(ours('old', { key: FORMER }));
    await publish(content('new')).done;
    expect(github.comments.map(({ body }) => body)).toEqual([
      expect.stringContaining('taken'),
      expect.stringContaining('new'),
    ]);
  });

  it('is written over, and that is said, where another gate of this run bears the same names', async () => {
    await start();
    github.addComment(ours('red', { runId: 20, state: 'fail' }));
    const other = publish({ ...content(), exclusive: true });
    await other.done;
    expect(other.lines).toEqual([
      expect.stringMatching(/^notice: .*the verdict \(fail\) of another gate of this run.*comment-key of its own/),
    ]);
    github.addComment(ours('announced', { runId: 20, state: 'running' }));
    for (const more of [{ exclusive: false }, { exclusive: true, marker: mark({ runId: 22 }) }]) {
      const { done, lines } = publish({ ...content(), ...more });
      await done;
      expect(lines).toEqual([]);
    }
  });

  it('loses its duplicates', async () => {
    await start();
    const { id } = github.addComment(ours('one'));
    github.addComment(ours('two'));
    github.addComment(ours('three'));
    await publish(content('new')).done;
    expect(github.comments.map((comment) => comment.id)).toEqual([id]);
  });

  it('is never overwritten by an older run', async () => {
    await start();
    github.addComment(ours('newer', { runId: 21 }));
    const { done, lines } = publish(content('older'));
    await done;
    expect(github.comments).toHaveLength(1);
    expect(github.comments[0]?.body).toContain('newer');
    expect(lines.join()).toContain('by a newer run (21)');
  });

  it('is not overwritten by an older run when only a duplicate is newer', async () => {
    await start();
    github.addComment(ours('old'));
    github.addComment(ours('newer', { runId: 21 }));
    await publish(content('older')).done;
    expect(github.comments).toHaveLength(2);
  });

  it('is not overwritten by an older run when the newer one writes while it looks', async () => {
    await start({
      fault: meanwhile(LIST, () => Object.assign(github.comments[0] ?? {}, ours('newer', { runId: 21 }))),
    });
    github.addComment(ours('old'));
    const { done, lines } = publish(content('older'));
    await done;
    expect(github.comments.map(({ body }) => body)).toEqual([expect.stringContaining('newer')]);
    expect(lines.join()).toContain('by a newer run (21)');
  });

  it.each([
    ['the newer run’s, when ours is older', 21, 'by another run'],
    ['ours, when it is the newer', 19, 'verdict'],
  ])('is one even when two runs create it at once: %s stays', async (_, runId, kept) => {
    await start({ fault: meanwhile(LIST, () => github.addComment(ours('by another run', { runId }))) });
    await publish(content()).done;
    expect(github.comments.map(({ body }) => body)).toEqual([expect.stringContaining(kept)]);
  });

  it.each([
    ['looking and writing', LIST],
    ['looking again and writing', COMMENT],
  ])('is created anew when somebody deletes it between %s', async (_, route) => {
    await start({ fault: meanwhile(route, () => github.comments.splice(0)) });
    github.addComment(ours('old'));
    const { done, lines } = publish(content('new'));
    expect((await done)?.url).toMatch(/issuecomment/);
    expect(github.comments.map(({ body }) => body)).toEqual([content('new').render(1000)]);
    expect(lines).toEqual([]);
  });

  it('is only updated, never created, where nothing asks for a new one', async () => {
    await start();
    expect(await publish(content('green', mark(), false)).done).toBeNull();
    expect(github.comments).toEqual([]);
    github.addComment(ours('red', { state: 'fail' }));
    await publish(content('green', mark(), false)).done;
    expect(github.comments[0]?.body).toContain('green');
  });
});

describe('when the comment can not be written', () => {
  it.each([LIST, CREATE])(
    '403 on %s warns, names the permission as a workflow writes it, and the verdict stands',
    async (route) => {
      await start({ denied: [route] });
      const { done, lines } = publish(content());
      expect(await done).toBeNull();
      expect(lines).toEqual([expect.stringMatching(/^warning: .*403.*the verdict stands.*`pull-requests: write`/)]);
    },
  );

  it.each([
    ['Unable to create comment because issue is locked.', /conversation is locked.*unlock it/],
    [
      'Although you appear to have the correct authorization credentials, the `team` organization has an IP allow list enabled, and your IP address is not permitted to access this resource.',
      /IP allow list keeps this runner out: have its address put on the list/,
    ],
    ['Resource protected by organization SAML enforcement.', /single sign-on: authorise the token/],
    ['Repository was archived so is read-only.', /archived.*unarchive/],
  ])('"%s" is told as what it is, not as a missing permission', async (message, told) => {
    await start({ fault: ({ route }) => (route === CREATE ? refusal(403, message) : null) });
    const { done, lines } = publish(content());
    expect(await done).toBeNull();
    expect(lines).toEqual([expect.stringMatching(told)]);
    expect(lines[0]).toMatch(/^warning: .*the verdict stands.*The job summary has the report/);
    expect(lines[0]).not.toContain('pull-requests: write');
  });

  it('a conversation that is known to be locked is told as that, whatever the words', async () => {
    await start({ denied: [CREATE] });
    const { log, lines } = recorder();
    expect(await publishComment(async () => ({ ...conversation(), locked: true }), content(), log)).toBeNull();
    expect(lines).toEqual([expect.stringMatching(/conversation is locked.*unlock it\. Else: .*pull-requests: write/)]);
  });

  it('a token that has run out is told as that', async () => {
    await start({ fault: () => refusal(401, 'Bad credentials') });
    const { done, lines } = publish(content());
    await done;
    expect(lines).toEqual([expect.stringMatching(/not valid, or no longer: an App’s lives for an hour/)]);
  });

  it('404 is told the same way', async () => {
    const body = { message: 'Not Found', documentation_url: 'https://docs.github.com/rest', status: '404' };
    await start({ fault: ({ route }) => (route === CREATE ? { status: 404, body } : null) });
    const { done, lines } = publish(content());
    expect(await done).toBeNull();
    expect(lines[0]).toMatch(/Either the pull request is gone, or the job's token .*`pull-requests: write`/);
  });

  it('a pull request that is gone is told as that', async () => {
    const body = {
      message: 'This issue was deleted',
      documentation_url: 'https://docs.github.com/rest',
      status: '410',
    };
    await start({ fault: ({ route }) => (route === LIST ? { status: 410, body } : null) });
    const { done, lines } = publish(content());
    expect(await done).toBeNull();
    expect(lines).toEqual([expect.stringMatching(/^warning: .*410.*verdict stands.*gone or locked/)]);
  });

  it('a rate limit is not told as a missing permission', async () => {
    const answer = {
      status: 403,
      body: { message: 'API rate limit exceeded' },
      headers: { 'x-ratelimit-remaining': '0' },
    };
    await start({ fault: () => answer });
    const { done, lines } = publish(content());
    await done;
    expect(lines[0]).toContain('rate limit');
    expect(lines[0]).not.toContain('pull-requests');
  });

  it('a broken connection warns too', async () => {
    await start();
    const { log, lines } = recorder();
    const offline = async () => Promise.reject(new Error('connect ECONNREFUSED'));
    expect(await publishComment(offline, content(), log)).toBeNull();
    expect(lines).toEqual([expect.stringContaining('ECONNREFUSED')]);
  });

  it('422 "too long" is answered with a shorter text', async () => {
    await start();
    // 65,536 is counted in characters by GitHub and in bytes by us: only a text that ignores its limit gets here.
    const sizes: number[] = [];
    const stubborn = content();
    const render = (maxBytes: number) => {
      sizes.push(maxBytes);
      return renderMarker(mark()) + (maxBytes > 10_000 ? 'x'.repeat(70_000) : 'short');
    };
    await publish({ ...stubborn, render }).done;
    expect(sizes).toEqual([65_536, 30_000, 8_000]);
    expect(github.comments[0]?.body).toContain('short');
  });

  it('422 on the shortest text too is a warning', async () => {
    await start();
    const { done, lines } = publish({ ...content(), render: () => 'x'.repeat(70_000) });
    expect(await done).toBeNull();
    expect(lines[0]).toContain('job summary');
  });
});

describe('settling a comment afterwards', () => {
  it('finds a marker that was moved by the number in it, and takes the run’s own where it was taken out', async () => {
    await start();
    const comment = github.addComment(ours(''));
    comment.body = `Text\n${renderMarker(mark({ id: comment.id, state: 'running' }))}`;
    await settleComment(conversation(), comment.id, ({ state }) => `settled ${state}`);
    expect(comment.body).toBe('settled running');
    await settleComment(conversation(), comment.id, ({ runId }) => `again ${runId}`);
    expect(comment.body).toBe('settled running');
    await settleComment(conversation(), comment.id, ({ runId }) => `again ${runId}`, mark());
    expect(comment.body).toBe('again 20');
  });

  it('rewrites what the given rule says, and only then', async () => {
    await start();
    const { id } = github.addComment(ours('running', { state: 'running' }));
    await settleComment(conversation(), id, () => null);
    expect(github.comments[0]?.body).toContain('running');
    await settleComment(conversation(), id, (found) => `settled ${found.runId}`);
    expect(github.comments[0]?.body).toBe('settled 10');
    expect(parseMarker(github.comments[0]?.body ?? '')).toBeNull();
  });
});
