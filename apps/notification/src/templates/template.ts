import type { NotificationKind } from '@bulkhead/contracts/notification/api';
import type { z } from 'zod';

/** What a mail is made of, before it is laid out. Plain text throughout: the layout escapes it. */
export interface MailContent {
  readonly subject: string;
  readonly paragraphs: readonly string[];
  readonly action?: { readonly label: string; readonly url: string };
}

/** Whom a mail is for and what it may link to. */
export interface Recipient {
  readonly name: string;
  /** BCP 47; decides how amounts are written. */
  readonly locale: string;
  /** Without a slash at its end. */
  readonly publicUrl: string;
  /** The single-use token, for templates that want one. */
  readonly token: string;
}

export interface TemplateDefinition<F> {
  /** The event's data, but for the person. */
  readonly facts: z.ZodType<F>;
  /** Order mails can be switched off by the person. */
  readonly category: 'account' | 'order';
  /** The token of auth that the mail carries. */
  readonly token?: 'email-verification' | 'password-reset';
  /** A mail that could not be sent for so long is of no use any more. */
  readonly goodForHours: number;
  /** Told in the shop as well, as this kind of notification. */
  readonly notice?: {
    readonly kind: NotificationKind;
    write(facts: F): { readonly title: string; readonly text: string; readonly orderId?: string };
  };
  write(facts: F, recipient: Recipient): MailContent;
}

/** A template whose facts are what the database holds: they are checked on the way in. */
export type Template = TemplateDefinition<unknown>;

export function defineTemplate<F>(definition: TemplateDefinition<F>): Template {
  const { facts, notice, write } = definition;
  return {
    ...definition,
    ...(notice && { notice: { kind: notice.kind, write: (given) => notice.write(facts.parse(given)) } }),
    write: (given, recipient) => write(facts.parse(given), recipient),
  };
}
