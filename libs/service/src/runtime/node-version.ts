/** The oldest Node.js that services run on, as package.json says it in `engines`: the first with `crypto.argon2`. */
export const oldestNode = [24, 7] as const;

/**
 * @param version such as 24.7.0
 * @returns undefined where services run on it, else what is needed, as a sentence
 */
export function nodeProblem(version = process.versions.node): string | undefined {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [oldestMajor, oldestMinor] = oldestNode;
  if (major > oldestMajor || (major === oldestMajor && minor >= oldestMinor)) return undefined;
  return `Node.js ${oldestNode.join('.')} or later is needed; this is ${version}.`;
}
