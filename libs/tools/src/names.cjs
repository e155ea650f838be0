/** How a service and what it keeps are called in code, SQL and URLs. */

const capital = (word) => word[0].toUpperCase() + word.slice(1);

/** The plural of an English noun, where it is regular. */
function pluralOf(noun) {
  if (/[^aeiou]y$/.test(noun)) return `${noun.slice(0, -1)}ies`;
  return /(s|x|z|ch|sh)$/.test(noun) ? `${noun}es` : `${noun}s`;
}

/**
 * @param {string} service such as shipping
 * @param {string} resource one of what it keeps, such as shipment
 */
exports.namesOf = (service, resource) => ({
  service,
  Service: capital(service),
  resource,
  Resource: capital(resource),
  resources: pluralOf(resource),
  Resources: capital(pluralOf(resource)),
});

/** Names that other apps, charts, projects and JavaScript have. */
const taken = /^(infra|bulkhead|storefront|monolith|tools|commands|operations|shop|(?:chart|accept)\w*)$/;
const words =
  /^(break|case|catch|class|const|continue|debugger|default|delete|do|else|enum|export|extends|false|finally|for|function|if|import|in|instanceof|new|null|return|super|switch|this|throw|true|try|typeof|var|void|while|with|yield|let|static|await|async|package|private|public|interface|events|erased|subscriptions)$/;

/** @throws Error with a sentence, for a name that a service cannot have */
exports.requireFreeName = (tree, name) => {
  if (!/^[a-z]{2,20}$/.test(name))
    throw new Error(
      `A service's name is 2–20 lower-case letters, as it names hosts, queues and variables; "${name}" is not.`,
    );
  if (words.test(name) || taken.test(name)) throw new Error(`A service cannot be called ${name}.`);
  for (const folder of ['apps', 'libs', 'charts', 'libs/contracts/src'])
    if (tree.exists(`${folder}/${name}`)) throw new Error(`There is already ${folder}/${name}.`);
};
