/** The examples of `docs/clients.md`: the document shows the files of `docs/clients/NAME`, and the commands that use them. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

const documents = path.join(import.meta.dirname, '../../docs');

/**
 * @returns {{ name: string, title: string, folder: string, commands: string }[]} in the order of the document; `commands` run
 *   in a copy of `folder` with the API document as `openapi.json` beside its files
 * @throws Error where the document shows something else than the files, or leaves one out
 */
export function readClientExamples() {
  const document = readFileSync(path.join(documents, 'clients.md'), 'utf8');
  const examples = document.split(/^## /m).flatMap((section) => {
    const shown = [...section.matchAll(/^\[`[^`]+`\]\((clients\/[^)]+)\):\n\n```\w+\n(.*?)^```$/gms)];
    if (shown.length === 0) return [];
    for (const [, file, content] of shown)
      if (readFileSync(path.join(documents, file), 'utf8') !== content)
        throw new Error(`docs/clients.md does not show docs/${file} as it is`);
    const title = section.split('\n')[0];
    const commands = /^```sh\n(.*?)^```$/ms.exec(section)?.[1];
    if (!commands) throw new Error(`docs/clients.md has no commands for ${title}`);
    const name = shown[0][1].split('/')[1];
    const folder = path.join(documents, 'clients', name);
    return [{ name, title, folder, commands, files: shown.map(([, file]) => file) }];
  });
  const all = readdirSync(path.join(documents, 'clients'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(documents, path.join(entry.parentPath, entry.name)));
  const shown = new Set(examples.flatMap(({ files }) => files));
  const left = all.filter((file) => !shown.has(file.split(path.sep).join('/')));
  if (left.length > 0) throw new Error(`docs/clients.md does not show ${left.join(', ')}`);
  return examples;
}
