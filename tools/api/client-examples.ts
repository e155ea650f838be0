/** The examples of `docs/clients.md`: the document shows the files of `docs/clients/NAME`, and the commands that use them. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

const documents = path.join(import.meta.dirname, '../../docs');

export interface ClientExample {
  readonly name: string;
  readonly title: string;
  readonly folder: string;
  /** They run in a copy of `folder` with the API document as `openapi.json` beside its files. */
  readonly commands: string;
}

/**
 * @returns in the order of the document
 * @throws Error where the document shows something else than the files, or leaves one out
 */
export function readClientExamples(): ClientExample[] {
  const document = readFileSync(path.join(documents, 'clients.md'), 'utf8');
  const examples = document.split(/^## /m).flatMap((section) => {
    const shown = [...section.matchAll(/^\[`[^`]+`\]\((clients\/[^)]+)\):\n\n```\w+\n(.*?)^```$/gms)].map(
      ([, file = '', content = '']) => ({ file, content }),
    );
    const name = shown[0]?.file.split('/')[1];
    if (name === undefined) return [];
    for (const { file, content } of shown)
      if (readFileSync(path.join(documents, file), 'utf8') !== content)
        throw new Error(`docs/clients.md does not show docs/${file} as it is`);
    const [title = ''] = section.split('\n');
    const commands = /^```sh\n(.*?)^```$/ms.exec(section)?.[1];
    if (!commands) throw new Error(`docs/clients.md has no commands for ${title}`);
    const folder = path.join(documents, 'clients', name);
    return [{ name, title, folder, commands, files: shown.map(({ file }) => file) }];
  });
  const all = readdirSync(path.join(documents, 'clients'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(documents, path.join(entry.parentPath, entry.name)));
  const shown = new Set(examples.flatMap(({ files }) => files));
  const left = all.filter((file) => !shown.has(file.split(path.sep).join('/')));
  if (left.length > 0) throw new Error(`docs/clients.md does not show ${left.join(', ')}`);
  return examples;
}
