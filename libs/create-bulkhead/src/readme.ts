import { titleOf } from './rename';

/** The rows of the table of services in the template's README, which the generators add to and remove from. */
const serviceRows = (readme: string): string => {
  const table = /^\| service +\| owns[^]*?\n(?=\n)/m.exec(readme)?.[0];
  if (table === undefined) throw new Error('the README of the template has no table of services');
  return table;
};

/** @param template text of the README of the template @returns a short one, for whoever opens the new workspace */
export const readmeOf = (name: string, scope: string, template: string): string => `# ${titleOf(name)}

A shop backend in TypeScript, made by [create-bulkhead](docs/create.md). It starts as one process; each service can
become a process or a deployment of its own without a change of its code.

\`\`\`sh
npm start         # everything in one process: database, payment provider, mailbox and example products included
npm run services  # the same services as processes, over PostgreSQL and RabbitMQ
npm test          # everything, against real PostgreSQL and RabbitMQ
npm run check     # format, types and lint
\`\`\`

npm and Node.js 24.7 or later are all that has to be there.

## The services

${serviceRows(template)}
Each has its own database and its own folder under \`apps/\`. They speak HTTP through typed clients and events through
RabbitMQ, or within the process; both are promised in \`libs/contracts\`.

- \`npx nx g ${scope}/tools:service shipping\` adds a service: [how](docs/adding-a-service.md).
- \`npx nx g ${scope}/tools:remove shipping\` takes one out again.
- \`npx nx g ${scope}/tools:extract shipping\` makes it a process of its own:
  [how](docs/adding-a-service.md#a-service-in-its-own-process).
- [docs/commands.md](docs/commands.md) says what each command of \`package.json\` does,
  [docs/kubernetes.md](docs/kubernetes.md) how it gets onto a cluster.

Made from Bulkhead, which is licensed under [MIT](LICENSE).
`;
