import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Certificate {
  readonly key: string;
  readonly cert: string;
}

/** A private certificate authority, as companies have one. PEM. */
export interface Authority {
  readonly ca: string;
  /** A server's certificate for these names and addresses. */
  issue(names: readonly string[]): Certificate;
}

/** Needs openssl on the PATH. */
export function createAuthority(name: string): Authority {
  const folder = mkdtempSync(join(tmpdir(), 'bulkhead-authority-'));
  const read = (file: string) => readFileSync(join(folder, file), 'utf8');
  const openssl = (...words: string[]) => {
    const { status, stderr, error } = spawnSync('openssl', words, { encoding: 'utf8' });
    if (status !== 0) throw new Error(`openssl ${words[0]}: ${error?.message ?? stderr}`);
  };
  const at = (file: string) => join(folder, file);
  const fresh = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  openssl(
    'req',
    '-x509',
    ...fresh,
    '-keyout',
    at('ca.key'),
    '-out',
    at('ca.crt'),
    '-days',
    '2',
    '-subj',
    `/CN=${name}`,
  );
  const authority = { key: read('ca.key'), cert: read('ca.crt') };
  rmSync(folder, { recursive: true });
  return {
    ca: authority.cert,
    issue(names) {
      const own = mkdtempSync(join(tmpdir(), 'bulkhead-certificate-'));
      const file = (each: string) => join(own, each);
      try {
        writeFileSync(file('ca.key'), authority.key);
        writeFileSync(file('ca.crt'), authority.cert);
        writeFileSync(
          file('ext'),
          `subjectAltName=${names.map((each) => `${isIP(each) ? 'IP' : 'DNS'}:${each}`).join()}\n`,
        );
        openssl('req', ...fresh, '-keyout', file('key'), '-out', file('csr'), '-subj', `/CN=${names[0]}`);
        openssl(
          ...[
            'x509',
            '-req',
            '-in',
            file('csr'),
            '-CA',
            file('ca.crt'),
            '-CAkey',
            file('ca.key'),
            '-CAcreateserial',
          ],
          ...['-days', '2', '-out', file('cert'), '-extfile', file('ext')],
        );
        return { key: readFileSync(file('key'), 'utf8'), cert: readFileSync(file('cert'), 'utf8') };
      } finally {
        rmSync(own, { recursive: true });
      }
    },
  };
}
