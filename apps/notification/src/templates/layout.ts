import type { MailContent } from './template';

export interface LaidOutMail {
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

const signature = 'Bulkhead';

/** The same content as plain text and as simple HTML. User input is escaped, never interpreted as markup. */
export function layOut(name: string, { subject, paragraphs, action }: MailContent): LaidOutMail {
  const lines = [`Hello ${name},`, ...paragraphs];
  const text = [...lines, ...(action ? [`${action.label}:\n${action.url}`] : []), signature].join('\n\n');
  const html = [
    '<!doctype html>',
    `<html lang="en"><head><meta charset="utf-8"><title>${escapeHtml(subject)}</title></head><body>`,
    ...lines.map((line) => `<p>${escapeHtml(line)}</p>`),
    ...(action ? [`<p><a href="${escapeHtml(action.url)}">${escapeHtml(action.label)}</a></p>`] : []),
    `<p>${signature}</p>`,
    '</body></html>',
  ].join('\n');
  return { subject, text: `${text}\n`, html: `${html}\n` };
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** For text and for quoted attributes. */
export const escapeHtml = (text: string): string =>
  text.replaceAll(/[&<>"']/g, (character) => entities[character] ?? character);
