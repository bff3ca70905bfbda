import { describe, expect, it } from '@jest/globals';
import { nodeComplaint, withoutSecrets } from '../../scripts/support/machine.mjs';

describe('an old Node', () => {
  it.each(['18.20.4', '20.18.3', '16.0.0'])(
    '%s is told kindly what is wanted, what it is, and what to do',
    (version) => {
      const complaint = nodeComplaint(version, '>=20.19');
      expect(complaint).toContain('Node.js 20.19 or newer');
      expect(complaint).toContain(version);
      expect(complaint).toContain('Install');
    },
  );

  it.each(['20.19.0', '20.20.2', '22.1.0', '100.0.0'])('does not include %s', (version) => {
    expect(nodeComplaint(version, '>=20.19')).toBeNull();
  });
});

describe('what a child gets of the environment', () => {
  it('holds no keys and tokens of the user', () => {
    const secrets = {
      OPENAI_API_KEY: 'k',
      GITHUB_TOKEN: 'k',
      AWS_SECRET_ACCESS_KEY: 'k',
      DB_PASSWORD: 'k',
      hf_token: 'k',
      GOOGLE_APPLICATION_CREDENTIALS: 'k',
    };
    expect(withoutSecrets(secrets)).toEqual({});
  });

  it('holds what npm and pip need for a private registry, and everything else', () => {
    const needed = {
      NPM_TOKEN: 'k',
      NODE_AUTH_TOKEN: 'k',
      PIP_PASSWORD: 'k',
      PATH: '/bin',
      HTTPS_PROXY: 'http://proxy',
      KEYBOARD: 'us',
      NO_COLOR: '1',
    };
    expect(withoutSecrets(needed)).toEqual(needed);
  });
});
