export interface BrokerOptions {
  /** Keeps queues and users between starts. Default: a temporary folder, removed at the end. */
  readonly dataDir?: string;
  /** AMQP port on 127.0.0.1. Default: a free one. */
  readonly port?: number;
  /** Memory above which its alarm blocks publishers, bytes. Default: RabbitMQ's own share of the machine's. */
  readonly memoryLimitBytes?: number | undefined;
}

export interface Broker {
  /** amqp://user:password@127.0.0.1:port, of an administrator. */
  readonly url: string;
  /** http://user:password@127.0.0.1:port of the management API. */
  readonly managementUrl: string;
  /** host:port where Prometheus may scrape `/metrics` and `/metrics/detailed`. */
  readonly metricsAddress: string;
  /** Resolves when the broker has ended for any reason. */
  readonly ended: Promise<unknown>;
  stop(): Promise<void>;
}
