/**
 * How Markdown that is written for a code host becomes pages: what it links to is looked up in the repository, and nothing
 * in it means something to the generator.
 */
import { existsSync } from 'node:fs';
import path from 'node:path';

const isElsewhere = (href) => /^(?:[a-z][a-z\d+.-]*:|\/\/)/i.test(href);

/** Anchors as GitHub makes them, so that a link works on both. */
export const slugOf = (heading) =>
  heading
    .trim()
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{M}\p{N}\p{Pc}\- ]/gu, '')
    .replaceAll(' ', '-');

/**
 * @param {{ root: string, places: Record<string, string>, assets: Record<string, string>, sourceUrl?: string }} site
 *   `root`: the folder of the repository; `places` and `assets`: where a file of it lies in the site; `sourceUrl`: where
 *   other files can be seen, such as `https://host/owner/name/blob/main/`
 * @param {{ file: string, href: string }[]} broken gets the links that lead nowhere
 */
export const createMarkdown = ({ root, places, assets, sourceUrl }, broken) => {
  const files = Object.fromEntries(Object.entries(places).map(([file, place]) => [place, file]));

  /** @returns {{ page?: string, asset?: string, source?: string }} an address in the site, or a path in the repository */
  const lookUp = (href, file) => {
    const [, pathname, hash = ''] = /^([^#?]*)(?:\?[^#]*)?(#.*)?$/.exec(href);
    // The page that lists a folder stands for the folder.
    const from = file.endsWith('.md') ? path.posix.dirname(file) : file;
    const target = path.posix.join(from, decodeURIComponent(pathname)).replace(/\/$/, '');
    const page = places[target] ?? places[path.posix.join(target, 'README.md')];
    if (page) return { page: `/${page}${hash}` };
    if (assets[target]) return { asset: `/${assets[target]}` };
    if (!target.startsWith('../') && existsSync(path.join(root, target))) return { source: target };
    broken.push({ file, href });
    return {};
  };

  const changeLinks = (tokens, file) => {
    for (const [index, token] of tokens.entries()) {
      const href = token.type === 'link_open' ? token.attrGet('href') : null;
      if (href === null || isElsewhere(href) || href.startsWith('#')) continue;
      const { page, asset, source } = lookUp(href, file);
      if (page) token.attrSet('href', page);
      else if (asset) {
        token.attrSet('href', asset);
        // The site's router knows pages only.
        token.attrSet('target', '_self');
      } else if (source && sourceUrl) token.attrSet('href', new URL(source, sourceUrl).href);
      else if (source) showAsCode(tokens, index, source);
    }
  };

  /** A file that the site does not have: what it is called, and its path where that says more. */
  const showAsCode = (tokens, index, source) => {
    const end = tokens.findIndex(({ type }, at) => at > index && type === 'link_close');
    const text = tokens
      .slice(index + 1, end)
      .map(({ content }) => content)
      .join('');
    hide(tokens[index]);
    hide(tokens[end], source.endsWith(text) ? '' : ` (<code v-pre>${source}</code>)`);
  };
  const hide = (token, html = '') =>
    Object.assign(token, { type: 'html_inline', tag: '', nesting: 0, content: html });

  const changePictures = (tokens, file) => {
    for (const token of tokens)
      if (token.type === 'image' && !isElsewhere(token.attrGet('src')))
        token.attrSet('src', pictureOf(token.attrGet('src'), file));
  };
  const pictureOf = (src, file) => {
    if (isElsewhere(src)) return src;
    const { asset } = lookUp(src, file);
    if (!asset) broken.push({ file, href: src });
    return asset ?? src;
  };

  /** Follows the site's choice of light or dark, which `<picture>` does not know. */
  const changeHtml = (html, file) =>
    html
      .replaceAll(
        /<picture>\s*<source media="\(prefers-color-scheme: dark\)" srcset="([^"]*)">\s*<img src="([^"]*)"([^>]*)>\s*<\/picture>/g,
        (_, dark, light, rest) =>
          `<img class="when-light" src="${light}"${rest}><img class="when-dark" src="${dark}"${rest}>`,
      )
      .replaceAll(/(<img\b[^>]*? src=")([^"]*)"/g, (_, before, src) => `${before}${pictureOf(src, file)}"`);

  /** A table without headings has none, and a corner without a heading is an ordinary cell. */
  const changeTables = (tokens) => {
    for (const [index, { type }] of tokens.entries()) {
      if (type === 'th_open' && tokens[index + 1].content === '') {
        Object.assign(tokens[index], { tag: 'td' });
        Object.assign(tokens[index + 2], { tag: 'td' });
      }
      if (type !== 'thead_open') continue;
      const end = tokens.findIndex((token, at) => at > index && token.type === 'thead_close');
      const head = tokens.slice(index, end + 1);
      if (head.every((token) => token.type !== 'inline' || token.content === ''))
        for (const token of head)
          Object.assign(token, { type: 'html_block', tag: '', nesting: 0, content: '' });
    }
  };

  /** For `markdown.config` of VitePress. */
  const extend = (markdown) => {
    const fileOf = (environment) => files[environment.relativePath];
    markdown.core.ruler.push('repository', ({ tokens, env }) => {
      const file = fileOf(env);
      if (!file) return;
      changeTables(tokens);
      let heading = '';
      for (const [index, token] of tokens.entries()) {
        if (token.type === 'heading_open') heading = tokens[index + 1].content;
        if (token.type === 'fence' && token.info === 'mermaid') token.meta = { ...token.meta, heading };
        if (token.type === 'html_block') token.content = changeHtml(token.content, file);
        if (!token.children) continue;
        changeLinks(token.children, file);
        changePictures(token.children, file);
        for (const child of token.children)
          if (child.type === 'html_inline') child.content = changeHtml(child.content, file);
      }
    });
    // Two braces are no template here.
    const { text, code_inline: code, fence } = markdown.renderer.rules;
    const withoutTemplates =
      (render) =>
      (...given) =>
        render(...given).replaceAll('{{', '&#123;&#123;');
    Object.assign(markdown.renderer.rules, {
      text: withoutTemplates(text),
      code_inline: withoutTemplates(code),
    });
    markdown.renderer.rules.fence = (tokens, index, ...rest) => {
      const { info, content, meta } = tokens[index];
      if (info !== 'mermaid') return fence(tokens, index, ...rest);
      const escaped = markdown.utils.escapeHtml;
      return `<MermaidDiagram label="${escaped(meta?.heading ?? '')}" source="${encodeURIComponent(content)}" />\n`;
    };
  };
  return { extend };
};
