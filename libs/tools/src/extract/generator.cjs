/**
 * `nx g @bulkhead/tools:extract SERVICE [--back]`: from the next `npm start` on, a service runs as a separate process
 * beside the one with all others. Its code stays where it is; the consequences for it and its callers are printed.
 */
const path = require('node:path');
const { formatFiles, logger } = require('@nx/devkit');
const { requiredVariablesOf, requireService } = require('../known-services.cjs');
const { declaration, declare, extractedIn } = require('./declaration.cjs');

const root = path.join(__dirname, '../../../..');

/** @throws Error with a sentence, for a service that cannot be moved */
function requireMovable(tree, service, back) {
  if (service === 'gateway')
    throw new Error(
      'The gateway stays in the monolith: it is the door through which all others are reached.',
    );
  requireService(tree, service);
  const extracted = extractedIn(tree);
  if (!back && extracted.includes(service))
    throw new Error(`${service} is a process of its own already, as ${declaration} says.`);
  if (back && !extracted.includes(service))
    throw new Error(
      `${service} is a part of the monolith; ${extracted.length > 0 ? `processes of their own are: ${extracted.join(', ')}` : 'no service is a process of its own'}.`,
    );
  return extracted.filter((name) => name !== service);
}

/** Contracts, and the defaults of deadlines and circuit breakers, are only available as TypeScript. */
async function loadFacts() {
  const { load } = await import('../../../../tools/build/load.ts');
  const { GatewayConfig } = await load('apps/gateway/src/config.ts');
  const { partsIn } = await load('libs/tools/src/parts-in.ts');
  return {
    ...(await load('libs/tools/src/extract/obstacles.ts')),
    ...(await load('libs/tools/src/extract/what-changes.ts')),
    requestDeadlineMs: GatewayConfig.parse({}).REQUEST_DEADLINE_MS,
    parts: partsIn(root),
  };
}

/** @param {{ service: string, back?: boolean }} options see schema.json */
async function extractGenerator(tree, { service, back = false }) {
  const others = requireMovable(tree, service, back);
  const { obstaclesTo, whatChanges, whatChangesBack, requestDeadlineMs, parts } = await loadFacts();
  if (!back) {
    const obstacles = obstaclesTo(service, parts);
    if (obstacles.length > 0)
      throw new Error(`${service} cannot be a process of its own yet:\n${obstacles.join('\n')}`);
  }
  const own = requiredVariablesOf(service);
  declare(tree, back ? others : [...others, service]);
  await formatFiles(tree);
  logger.info(
    back
      ? whatChangesBack(service, others)
      : whatChanges({ service, others, parts, requestDeadlineMs, requiredVariables: own }),
  );
}

module.exports = extractGenerator;
