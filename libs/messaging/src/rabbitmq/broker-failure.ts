import { brokerAddressesMeaning } from './broker-addresses';

/** Why a broker cannot be used, for an operator. */
export interface BrokerFailure {
  /** A sentence without its full stop; contains no credentials. */
  readonly reason: string;
  /** The misconfigured variable, if any. */
  readonly variable?: 'RABBITMQ_URL' | 'RABBITMQ_CA';
}

/** @param error what amqplib or Node.js threw, or what a connection was closed with */
export function explainBrokerFailure(error: unknown): BrokerFailure {
  const { code, message } = plain(error);
  if (message === brokerAddressesMeaning)
    return { reason: `RABBITMQ_URL ${message}`, variable: 'RABBITMQ_URL' };
  const known = causes.find(([pattern]) => pattern.test(`${code} ${message}`));
  if (!known) return { reason: message };
  const [, reason, variable] = known;
  const detail = reason.includes('%') ? reason.replace('%', message) : reason;
  return { reason: detail, ...(variable && { variable }) };
}

/** Codes are those of Node.js and OpenSSL, numbers the reply codes of AMQP 0-9-1. `%` is the message itself. */
const causes: readonly (readonly [RegExp, string, BrokerFailure['variable']?])[] = [
  [
    /ACCESS_REFUSED - Login|403 \(ACCESS-REFUSED\)/,
    'the broker refuses the user or password',
    'RABBITMQ_URL',
  ],
  // amqplib reports neither which of the two it is, nor that a connection limit is reached.
  [
    /Expected ConnectionOpenOk; got <ConnectionClose/,
    'the virtual host does not exist, or the user may not use it',
    'RABBITMQ_URL',
  ],
  [
    /UNABLE_TO_VERIFY_LEAF_SIGNATURE|SELF_SIGNED_CERT|UNABLE_TO_GET_ISSUER_CERT|CERT_SIGNATURE_FAILURE|CERT_UNTRUSTED/,
    'the certificate of the broker is of no authority that is trusted (%)',
    'RABBITMQ_CA',
  ],
  [
    /ERR_TLS_CERT_ALTNAME_INVALID/,
    'the certificate of the broker is for another host name (%)',
    'RABBITMQ_URL',
  ],
  [/CERT_HAS_EXPIRED/, 'the certificate of the broker has expired'],
  [
    /WRONG_VERSION_NUMBER|wrong version number|EPROTO/,
    'the broker speaks no TLS at that port; amqp:// is without TLS',
    'RABBITMQ_URL',
  ],
  [/ENOTFOUND|EAI_AGAIN/, 'the host name of the broker cannot be resolved (%)', 'RABBITMQ_URL'],
  [/ECONNREFUSED/, 'nothing listens at the address of the broker (%)', 'RABBITMQ_URL'],
  [/ETIMEDOUT|EHOSTUNREACH|ENETUNREACH/, 'the broker cannot be reached (%)', 'RABBITMQ_URL'],
  [
    /Socket closed abruptly during opening handshake/,
    'the connection was closed before the broker greeted: it is starting, or its port is for TLS (amqps://)',
  ],
  [/Heartbeat timeout/, 'the broker was silent for too long'],
  [/CONNECTION_FORCED|320 /, 'the broker or an administrator closed the connection'],
];

function plain(error: unknown): { code: string; message: string } {
  if (typeof error === 'string' && error !== '') return { code: '', message: error };
  const { code, message, errors } = (error ?? {}) as {
    readonly code?: string | number;
    readonly message?: string;
    readonly errors?: readonly unknown[];
  };
  // For an AggregateError: several addresses of one name were tried.
  if (!message && errors?.[0]) return plain(errors[0]);
  const known = code === undefined ? '' : String(code);
  return { code: known, message: message || known || 'the connection was lost' };
}
