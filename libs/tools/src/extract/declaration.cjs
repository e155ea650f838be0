/** The services that `npm start` runs as processes of their own, beside the one that holds the others. */
const file = 'apps/monolith/extracted.json';

exports.declaration = file;

/** @returns {string[]} */
exports.extractedIn = (tree) => JSON.parse(tree.read(file, 'utf8')).services;

/** @param {readonly string[]} services in any order */
exports.declare = (tree, services) =>
  tree.write(file, `{ "services": ${JSON.stringify(services.toSorted())} }\n`);

/** For a service that is removed; does nothing where it was not extracted. */
exports.forget = (tree, service) => {
  const services = exports.extractedIn(tree);
  if (!services.includes(service)) return;
  exports.declare(
    tree,
    services.filter((name) => name !== service),
  );
};
