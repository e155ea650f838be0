/** Pages that lead to files which are removed: the documentation is not built while a link or a chapter leads nowhere. */
const { posix: path } = require('node:path');
const { visitNotIgnoredFiles } = require('@nx/devkit');

/** The chapters, in which a page stands as a line of its own. */
const navigation = 'tools/docs-site/pages.mjs';

/** Turns links to what has been removed from the tree into their text, and takes removed pages out of their chapters. */
exports.forgetRemovedFiles = (tree) => {
  const removed = tree
    .listChanges()
    .filter(({ type }) => type === 'DELETE')
    .map((change) => change.path);
  const isRemoved = (file) => removed.some((each) => file === each || file.startsWith(`${each}/`));
  edit(tree, navigation, (text) =>
    text.replaceAll(/^ *'([^'\n]+\.md)',\n/gm, (line, page) => (isRemoved(page) ? '' : line)),
  );
  visitNotIgnoredFiles(tree, '.', (file) => {
    if (!file.endsWith('.md')) return;
    edit(tree, file, (text) =>
      text.replaceAll(/\[([^\]]*)\]\(([^)#\s]+)(?:#[^)\s]*)?\)/g, (link, label, target) =>
        isRemoved(path.join(path.dirname(file), target)) ? label : link,
      ),
    );
  });
};

function edit(tree, file, change) {
  const before = tree.read(file, 'utf8');
  const after = change(before);
  if (after !== before) tree.write(file, after);
}
