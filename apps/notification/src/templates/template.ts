import type { NotificationKind } from '@bulkhead/contracts/notification/api';
import type { z } from 'zod';

/** The content of a mail before layout. All of it is plain text: the layout escapes it. */
export interface MailContent {
  readonly subject: string;
  readonly paragraphs: readonly string[];
  readonly action?: { readonly label: string; readonly url: string };
}

/** The recipient of a mail, and the URL for its links. */
export interface Recipient {
  readonly name: string;
  /** BCP 47; determines the format of amounts. */
  readonly locale: string;
  /** Without a trailing slash. */
  readonly publicUrl: string;
  /** The single-use token, for templates that need one. */
  readonly token: string;
}

export interface TemplateDefinition<F> {
  /** The event's data, without the person. */
  readonly facts: z.ZodType<F>;
  /** People can opt out of order mails. */
  readonly category: 'account' | 'order';
  /** The kind of auth token that the mail contains. */
  readonly token?: 'email-verification' | 'password-reset';
  /** A mail that could not be sent for this long expires. */
  readonly goodForHours: number;
  /** Also shown in the shop, as this kind of notification. */
  readonly notice?: {
    readonly kind: NotificationKind;
    write(facts: F): { readonly title: string; readonly text: string; readonly orderId?: string };
  };
  write(facts: F, recipient: Recipient): MailContent;
}

/** A template for facts as read from the database: it validates them before use. */
export type Template = TemplateDefinition<unknown>;

export function defineTemplate<F>(definition: TemplateDefinition<F>): Template {
  const { facts, notice, write } = definition;
  return {
    ...definition,
    ...(notice && { notice: { kind: notice.kind, write: (given) => notice.write(facts.parse(given)) } }),
    write: (given, recipient) => write(facts.parse(given), recipient),
  };
}
