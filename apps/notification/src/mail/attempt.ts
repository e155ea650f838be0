import { DatabaseUnavailable } from '@bulkhead/database/errors';
import { DependencyUnavailable } from '@bulkhead/messaging/subscription';
import type { Logger } from '@bulkhead/telemetry/logger';
import type { Tracing } from '@bulkhead/telemetry/trace';
import { layOut } from '../templates/layout';
import type { Template } from '../templates/template';
import { templates } from '../templates/templates';
import type { Directory } from './directory';
import type { ClaimedMail, MailQueue } from './mail-queue';
import { MailRefused, type Smtp } from './smtp';

export type Dependency = 'profile' | 'auth' | 'smtp';

/** The result of an attempt to send a mail. */
export type Outcome =
  | { readonly kind: 'sent' }
  /** It is not wanted (any more). */
  | { readonly kind: 'dropped'; readonly reason: string }
  /** No attempt can succeed. */
  | { readonly kind: 'failed'; readonly reason: string }
  /** The attempt failed; another may not. */
  | { readonly kind: 'retry'; readonly reason: string }
  /** Profile has not received the person's registration yet. */
  | { readonly kind: 'unknown-person' }
  /** A dependency is unavailable, which says nothing about the mail. */
  | { readonly kind: 'away'; readonly dependency: string }
  /** Its lease was lost. */
  | { readonly kind: 'lost' };

export interface AttemptDependencies {
  readonly queue: Pick<MailQueue, 'markSending'>;
  readonly directory: Directory;
  readonly smtp: Smtp;
  readonly publicUrl: string;
  readonly logger: Logger;
  readonly tracing: Pick<Tracing, 'span'>;
  /** Called for each dependency that responded. */
  readonly worked: (dependency: Dependency) => void;
}

const protocol = { 'network.protocol.name': 'smtp' };

/** One attempt: look up the contact, and a token if needed; render the mail; mark it as being sent; send it. */
export async function attemptMail(dependencies: AttemptDependencies, mail: ClaimedMail): Promise<Outcome> {
  const { queue, directory, smtp, tracing, worked } = dependencies;
  const template: Template = templates[mail.template];
  try {
    const contact = await directory.contact(mail.userId);
    worked('profile');
    if (!contact)
      return mail.template === 'farewell'
        ? { kind: 'dropped', reason: 'contact-gone' }
        : { kind: 'unknown-person' };
    if (template.category === 'order' && !contact.orderMail) return { kind: 'dropped', reason: 'not-wanted' };

    let token = '';
    if (template.token) {
      const minted = await directory.token(mail.userId, template.token);
      worked('auth');
      if (minted === undefined) return { kind: 'dropped', reason: 'account-gone' };
      token = minted;
    }

    const { name, locale, email } = contact;
    const content = template.write(mail.facts, { name, locale, token, publicUrl: dependencies.publicUrl });
    if (!(await queue.markSending(mail))) return { kind: 'lost' };
    const letter = { ...layOut(name, content), eventId: mail.eventId, to: { name, address: email } };
    await tracing.span('smtp send', { kind: 'client', attributes: protocol }, () => smtp.send(letter));
    worked('smtp');
    return { kind: 'sent' };
  } catch (error) {
    if (error instanceof DatabaseUnavailable) return { kind: 'away', dependency: 'database' };
    if (error instanceof DependencyUnavailable) return { kind: 'away', dependency: error.dependency };
    if (error instanceof MailRefused) {
      worked('smtp');
      return { kind: error.permanent ? 'failed' : 'retry', reason: error.message };
    }
    dependencies.logger.error(
      { error, eventId: mail.eventId, operation: mail.template },
      'mail could not be rendered',
    );
    return { kind: 'retry', reason: 'unexpected-error' };
  }
}
