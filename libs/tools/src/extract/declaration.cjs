/** The services that `npm start` runs as separate processes, beside the one with all others. */
const file = 'apps/monolith/extracted.json';

exports.declaration = file;

/** @returns {string[]} */
exports.extractedIn = (tree) => JSON.parse(tree.read(file, 'utf8')).services;

/** @param {readonly string[]} services in any order */
exports.declare = (tree, services) =>
  tree.write(file, `{ "services": ${JSON.stringify(services.toSorted())} }\n`);

/** For a removed service; a no-op if it was not extracted. */
exports.forget = (tree, service) => {
  const services = exports.extractedIn(tree);
  if (!services.includes(service)) return;
  exports.declare(
    tree,
    services.filter((name) => name !== service),
  );
};
