/** The oldest supported Node.js, equal to `engines` in package.json: the first with `crypto.argon2`. */
export const oldestNode = [24, 7] as const;

/**
 * @param version such as 24.7.0
 * @returns undefined if it is supported, otherwise a sentence with what is required
 */
export function nodeProblem(version = process.versions.node): string | undefined {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [oldestMajor, oldestMinor] = oldestNode;
  if (major > oldestMajor || (major === oldestMajor && minor >= oldestMinor)) return undefined;
  return `Node.js ${oldestNode.join('.')} or later is needed; this is ${version}.`;
}
