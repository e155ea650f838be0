import type { SimulatedProviderServer } from '@bulkhead/app/payment/src/simulated-provider/server';
import type { ServiceName } from '@bulkhead/contracts/services';
import type { FaultRule } from '@bulkhead/resilience/fault-rules';

/** How the shop under test runs. */
export type ShopKind = 'services' | 'monolith' | 'naive-monolith' | 'cluster';

export interface DatabaseUrls {
  readonly ownerUrl: string;
  readonly appUrl: string;
}

export interface ProcessPlace {
  /** Undefined while it is down. */
  readonly pid: number | undefined;
  readonly port: number;
  readonly adminPort: number;
}

/** A fault rule as an experiment writes it. */
export type NewFault = Omit<FaultRule, 'id' | 'share' | 'durationMs'> & {
  readonly id?: string;
  /** Default 1. */
  readonly share?: number;
  /** Default 60,000. */
  readonly durationMs?: number;
};

/** The simulated payment provider. */
export interface Provider {
  readonly url: string;
  /** Sets how it behaves from now on; `{}` is as usual. */
  control(behaviour: Parameters<SimulatedProviderServer['control']>[0]): void | Promise<void>;
}

/**
 * A whole shop with throw-away data, and every way to hurt it. Experiments and the chaos run are written against this,
 * whatever it runs on.
 */
export interface Shop {
  readonly kind: ShopKind;
  /** Where people reach it. */
  readonly origin: string;
  readonly dataDir: string;
  readonly admin: { readonly email: string; readonly password: string };
  /** What checks after the fact read. */
  readonly databases: ReadonlyMap<ServiceName, DatabaseUrls>;
  /** As the server's administrator; only where the shop has a server of its own. */
  readonly databaseAdminUrl?: (service: ServiceName) => string;
  /** AMQP address of the broker's administrator; undefined in the monolith. */
  readonly brokerUrl: string | undefined;
  /** Of the broker's management API, as its administrator; only where the shop has a broker of its own. */
  readonly brokerManagementUrl?: string;
  /** Folder of .eml files, or where a mail catcher lists its mails. */
  readonly mailbox: string;
  readonly provider: Provider;
  /** Where the process is that runs this service. In the monolith, all are one. */
  placeOf(service: ServiceName): ProcessPlace;
  /** Replaces the faults in that service. @throws Error with the problem, if it is refused */
  setFaults(service: ServiceName, faults: readonly NewFault[]): Promise<void>;
  /** Metrics in the OpenMetrics text format. */
  metrics(service: ServiceName): Promise<string>;
  /** Signals its process, as `SIGKILL` or `SIGSTOP`. */
  signal(service: ServiceName, signal: NodeJS.Signals): void;
  /** Starts a service that has ended, and waits until it is ready. Unless told not to, the shop does so by itself. */
  start(service: ServiceName): Promise<void>;
  /** Ends it in order (SIGTERM) and keeps it down. */
  stopService(service: ServiceName): Promise<void>;
  /** A new process beside the old one, then traffic to the new, then the old one's end: what a rolling deploy does. */
  replace(service: ServiceName): Promise<void>;
  /** What passes between two services. */
  link(from: ServiceName, to: ServiceName, mode: 'open' | 'refuse' | 'drop'): Promise<void>;
  /** The database of a service away (all, where they share a server) and back. */
  stopDatabase(service: ServiceName): Promise<void>;
  /** SIGKILL to its server, as a machine’s end would be; `stopDatabase` then puts the rest away. */
  killDatabase(service: ServiceName): void;
  startDatabase(service: ServiceName): Promise<void>;
  /** SIGKILL to the whole broker; `startBroker` has it back with what it had stored. */
  killBroker(): Promise<void>;
  startBroker(): Promise<void>;
  stopMail(): Promise<void>;
  startMail(): Promise<void>;
  /** Ends everything and removes its data. */
  stop(): Promise<void>;
}

export interface ShopOptions {
  /** Environment of every service. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Further environment by service. */
  readonly environmentOf?: Readonly<Partial<Record<ServiceName, Readonly<Record<string, string>>>>>;
  /** One PostgreSQL server a service, so that each may be away alone. Default false: one server with a database each. */
  readonly separateDatabases?: boolean;
  /**
   * Puts something between the shop and its PostgreSQL server: is given the administrator's address, and returns the one
   * through which everything goes, provisioning and migrations included.
   */
  readonly databaseFront?: (adminUrl: string) => Promise<string>;
  /** A proxy before every service, which `replace` and `link` need. Default false. */
  readonly proxies?: boolean;
  /** Starts again what ended by itself, after this many ms, as a kubelet does. Default 1,000; 0 for never. */
  readonly restartAfterMs?: number;
  /** Keeps what services keep secret in files there, SERVICE/VARIABLE, as mounted Secrets do. Default: in their environment. */
  readonly secretsDir?: string;
  /** Where the services' output goes, a file each. Default: `logs` in the data folder, which is removed at the end. */
  readonly logDir?: string;
  /** Removed at the end. Default: a new temporary folder. */
  readonly dataDir?: string;
}
