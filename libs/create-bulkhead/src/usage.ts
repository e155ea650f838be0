/** Invalid input, described in a sentence; the process exits with 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

export const usage = `usage: npm create bulkhead [FOLDER] [-- OPTION…], or npx create-bulkhead [FOLDER] [OPTION…]

Makes a shop of your own in FOLDER: the monolith first, with the services you pick.

  --name NAME      name of the workspace (the name of FOLDER)
  --scope @SCOPE   npm scope of its packages and imports (@NAME)
  --services LIST  which of the optional services to keep, such as search,notification, or "core" for none of them (all)
  --dry-run        says what would be made, and makes nothing
  --no-install     does not install packages; what has to be run later is printed
  --help           prints this

What is not given is asked for in a terminal, and the default elsewhere.
`;
