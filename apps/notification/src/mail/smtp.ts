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

/** The mail server has said no to this one mail. Holds its reply code only: the text may quote the address. */
export class MailRefused extends Error {
  override readonly name = 'MailRefused';
  readonly code: number;
  /** 5yz (RFC 5321 §4.2.1): asking again would get the same answer. */
  readonly permanent: boolean;

  constructor(code: number) {
    super(`smtp-${code}`);
    this.code = code;
    this.permanent = code >= 500;
  }
}

/** What of ours a mail server refuses for good (5yz): all mail stops until somebody changes the settings. */
export const refusedAccounts = ['sender', 'login'] as const;
export type RefusedAccount = (typeof refusedAccounts)[number];

export interface Smtp {
  /** Would a mail be tried now? Not while the breaker is open; changes nothing. */
  admits(): boolean;
  /** @throws MailRefused; DependencyUnavailable when the server cannot be used, or its answer is not known */
  send(mail: OutgoingMail): Promise<void>;
  close(): void;
}

export interface SmtpOptions {
  /** The server and our login there; several while its password is changed. A function is called for each mail. */
  readonly url: GivenLogins;
  readonly from: Sender;
  /** Connections, and mails being sent at once; as many again may wait for so long as one may take. */
  readonly connections: number;
  readonly clock: Clock;
  /** Default: none. */
  readonly faults?: Faults;
  /** Default: half of the mails; 5,000 ms. */
  readonly breakers?: BreakerSettings;
  readonly policyObserver?: PolicyObserver;
  /** Told each time that the server refuses the sender or the login for good, with its reply code. */
  readonly accountRefused?: (what: RefusedAccount, code: number) => void;
  /** Shows its breaker and bulkhead. */
  watchPolicy?(policy: Policy): void;
  /** Limit of one mail from connecting to the server's last reply, ms. Default 15,000: less than a shutdown takes. */
  readonly timeoutMs?: number;
}

/**
 * The way out of the house (nodemailer's SMTP pool). It neither queues nor retries: the sender does, and only one layer
 * may. A mail keeps its Message-ID however often it is sent, so that a reader's program shows it once.
 */
export function createSmtp(options: SmtpOptions): Smtp {
  const { url, from, connections, clock, faults, breakers, timeoutMs = 15_000, policyObserver } = options;
  const logins = createLogins(url);
  const transports = createMailTransports({ connections, timeoutMs });
  const breaker = createCircuitBreaker({
    name: 'smtp',
    clock,
    ...breakers,
    // While the server is away the sender sends it next to nothing, so that few failures have to say it.
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
        // RFC 3834: no vacation notice shall answer it.
        headers: { 'Auto-Submitted': 'auto-generated' },
      };
      try {
        /** With the first login that the server does not refuse. */
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
        // Refused by the policy, or given up: as good as away.
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
 * A reply to the recipient or to the content is about this mail. All else is about the server or our account with it:
 * connection, greeting, login, sender, 421 "service not available" (RFC 5321 §3.8). The error itself is not passed on, it
 * may quote the address.
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
