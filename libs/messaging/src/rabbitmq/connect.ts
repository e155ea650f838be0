import { type ChannelModel, connect } from 'amqplib';
import { brokerAddresses } from './broker-addresses';
import { dropLargeHeaders } from './drop-large-headers';
import { type ClientCertificate, loginOf } from './login';
import { withSocketOf } from './own-socket';
import { writeTogether } from './write-together';

export interface BrokerPlace {
  /** One URL, or several separated by commas; see `brokerAddresses`. */
  readonly url: string;
  /** Certificate authorities in PEM to trust for amqps, instead of the well-known ones. */
  readonly ca?: string | Buffer | undefined;
}

const connectTimeoutMs = 5_000;
const heartbeatSeconds = 10;

interface ConnectOptions extends ClientCertificate {
  readonly ca?: BrokerPlace['ca'];
  /** Shown in the broker's list of connections. */
  readonly name?: string;
}

/** Connects to one broker. @param url one URL @throws amqplib's error */
export const connectTo = (
  url: string,
  { ca, name, ...certificate }: ConnectOptions = {},
): Promise<ChannelModel> =>
  connect(withHeartbeat(url), {
    timeout: connectTimeoutMs,
    noDelay: true,
    keepAlive: true,
    ...(name !== undefined && { clientProperties: { connection_name: name } }),
    ...(ca !== undefined && { ca: [ca] }),
    ...loginOf(url, certificate),
  });

/**
 * Opens a long-lived connection for many messages in both directions: frames are written together, and headers that
 * amqplib cannot read do not end the connection.
 * @param url one URL
 * @throws amqplib's error
 */
export async function connectForMessages(url: string, options: ConnectOptions): Promise<ChannelModel> {
  const { result, socket } = withSocketOf(() => connectTo(url, options));
  const model = await result;
  if (socket) {
    writeTogether(socket);
    dropLargeHeaders(socket);
  }
  return model;
}

/**
 * Connects to the first broker that accepts the connection, for a program that does one thing and exits.
 * @throws amqplib's error of the last one
 */
export async function connectToAny({ url, ca }: BrokerPlace): Promise<ChannelModel> {
  let failure: unknown;
  for (const address of brokerAddresses(url)) {
    try {
      const connection = await connectTo(address, { ca });
      // A later connection loss is reported by the operation in progress.
      connection.on('error', () => undefined);
      return connection;
    } catch (error) {
      failure = error;
    }
  }
  throw failure;
}

function withHeartbeat(url: string): string {
  const parsed = new URL(url);
  if (!parsed.searchParams.has('heartbeat')) parsed.searchParams.set('heartbeat', String(heartbeatSeconds));
  return parsed.toString();
}
