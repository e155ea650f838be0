import { DependencyUnavailable } from '@bulkhead/messaging/subscription';
import { createBulkhead } from '@bulkhead/resilience/bulkhead';
import { createCircuitBreaker } from '@bulkhead/resilience/circuit-breaker';
import type { Clock } from '@bulkhead/resilience/clock';
import { BulkheadFull, isCancellation } from '@bulkhead/resilience/errors';
import { type Faults, InjectedFault } from '@bulkhead/resilience/faults';
import { createLogins, type GivenLogins } from '@bulkhead/resilience/logins';
import { createPolicy, type Policy, type PolicyObserver } from '@bulkhead/resilience/policy';
import type { BreakerSettings } from '@bulkhead/service/runtime/resilience-config';
import type { Sender } from '../config';
import type { LaidOutMail } from '../templates/layout';
import { createMailTransports } from './mail-transports';

export interface OutgoingMail extends LaidOutMail {
  readonly eventId: string;
  readonly to: { readonly name: string; readonly address: string };
}

/** The mail server has rejected this mail. Contains only its reply code: the text may quote the address. */
export class MailRefused extends Error {
  override readonly name = 'MailRefused';
  readonly code: number;
  /** 5yz (RFC 5321 §4.2.1): a retry would get the same reply. */
  readonly permanent: boolean;

  constructor(code: number) {
    super(`smtp-${code}`);
    this.code = code;
    this.permanent = code >= 500;
  }
}

/**
 * Parts of our account that a mail server may reject permanently (5yz): all mail stops until the settings are changed.
 */
export const refusedAccounts = ['sender', 'login'] as const;
export type RefusedAccount = (typeof refusedAccounts)[number];

export interface Smtp {
  /** Would a mail be attempted now? Not while the breaker is open. No side effects. */
  admits(): boolean;
  /** @throws MailRefused; DependencyUnavailable if the server cannot be used, or the result is unknown */
  send(mail: OutgoingMail): Promise<void>;
  close(): void;
}

export interface SmtpOptions {
  /** The server and our login; several logins while the password is rotated. A function is called for each mail. */
  readonly url: GivenLogins;
  readonly from: Sender;
  /** Connections, and so mails sent concurrently; as many again may wait for as long as one mail may take. */
  readonly connections: number;
  readonly clock: Clock;
  /** Default: none. */
  readonly faults?: Faults;
  /** Default: half of the mails; 5,000 ms. */
  readonly breakers?: BreakerSettings;
  readonly policyObserver?: PolicyObserver;
  /** Called each time that the server permanently rejects the sender or the login, with its reply code. */
  readonly accountRefused?: (what: RefusedAccount, code: number) => void;
  /** Registers its breaker and bulkhead for metrics. */
  watchPolicy?(policy: Policy): void;
  /** Timeout of one mail from connecting to the server's last reply, ms. Default 15,000: less than a shutdown takes. */
  readonly timeoutMs?: number;
}

/**
 * SMTP client (nodemailer's pool). It neither queues nor retries: the sender does, and only one layer may. A mail keeps
 * its Message-ID across retries, so that mail clients show it once.
 */
export function createSmtp(options: SmtpOptions): Smtp {
  const { url, from, connections, clock, faults, breakers, timeoutMs = 15_000, policyObserver } = options;
  const logins = createLogins(url);
  const transports = createMailTransports({ connections, timeoutMs });
  const breaker = createCircuitBreaker({
    name: 'smtp',
    clock,
    ...breakers,
    // While the server is unavailable, the sender sends it very little, so a few failures have to open the breaker.
    minimumCalls: 2,
    probes: 1,
    classify: (error) =>
      error instanceof MailRefused
        ? 'success'
        : error instanceof BulkheadFull || isCancellation(error)
          ? 'ignored'
          : 'failure',
  });
  const policy = createPolicy({
    name: 'smtp',
    clock,
    timeoutMs,
    breaker,
    bulkhead: createBulkhead({
      name: 'smtp',
      clock,
      maxConcurrent: connections,
      maxQueued: connections,
      maxWaitMs: timeoutMs,
    }),
    ...(policyObserver ? { observer: policyObserver } : {}),
  });
  options.watchPolicy?.(policy);

  return {
    admits: () => breaker.admits(),
    async send({ eventId, to, subject, text, html }) {
      const message = {
        from: { name: from.name, address: from.address },
        to,
        subject,
        text,
        html,
        messageId: `<${eventId}@${from.host}>`,
        // RFC 3834: suppresses automatic replies.
        headers: { 'Auto-Submitted': 'auto-generated' },
      };
      try {
        /** Uses the first login that the server does not reject. */
        const sendAs = async ([login, ...others]: readonly string[], signal: AbortSignal): Promise<void> => {
          try {
            await transports.of(login!).sendMail({ ...message, signal });
            logins.prefer(login!);
          } catch (error) {
            if (others.length === 0 || refusalOfAccount(error).what !== 'login') throw error;
            await sendAs(others, signal);
          }
        };
        await policy.execute((signal) => {
          const given = logins.inOrder();
          transports.keepOnly(given);
          const send = () => sendAs(given, signal);
          const sent = faults ? faults.around({ kind: 'smtp', name: 'send' }, send, signal) : send();
          return sent.catch((error: unknown) => {
            const { what, code } = refusalOfAccount(error);
            if (what) options.accountRefused?.(what, code);
            throw judge(error);
          });
        });
      } catch (error) {
        // Rejected by the policy, or timed out: equivalent to unavailable.
        throw error instanceof MailRefused ? error : new DependencyUnavailable('smtp');
      }
    },
    close: () => transports.keepOnly([]),
  };
}

interface SmtpError {
  readonly code?: string;
  readonly responseCode?: number;
  readonly command?: string;
}

function refusalOfAccount(error: unknown): { readonly what?: RefusedAccount; readonly code: number } {
  const { code, responseCode = 0, command } = error as SmtpError;
  if (responseCode < 500) return { code: responseCode };
  if (code === 'EAUTH') return { what: 'login', code: responseCode };
  if (code === 'EENVELOPE' && command === 'MAIL FROM') return { what: 'sender', code: responseCode };
  return { code: responseCode };
}

/**
 * A reply about the recipient or the content concerns this mail. Everything else concerns the server or our account:
 * connection, greeting, login, sender, 421 "service not available" (RFC 5321 §3.8). The error itself is not passed on,
 * since it may quote the address.
 */
function judge(error: unknown): Error {
  if (error instanceof InjectedFault && error.effect === 'error' && error.status !== 421)
    return new MailRefused(error.status);
  const { code, responseCode, command } = error as SmtpError;
  const aboutThisMail =
    (code === 'EENVELOPE' && command === 'RCPT TO') || (code === 'EMESSAGE' && command !== 'API');
  if (aboutThisMail && responseCode !== undefined && responseCode !== 421)
    return new MailRefused(responseCode);
  if (code === 'EENVELOPE' && command === 'API') return new MailRefused(553);
  return new DependencyUnavailable('smtp');
}
