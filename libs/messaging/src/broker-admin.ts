/** Permissions inside a virtual host, as regular expressions on names of queues and exchanges. */
export interface BrokerPermissions {
  readonly configure: string;
  readonly write: string;
  readonly read: string;
}

/** Permissions on a topic exchange, as regular expressions on routing keys. */
export interface TopicPermissions {
  readonly exchange: string;
  readonly write: string;
  readonly read: string;
}

export const allPermissions: BrokerPermissions = { configure: '.*', write: '.*', read: '.*' };

/** Virtual hosts and users, through RabbitMQ's management API. All methods are idempotent. */
export interface BrokerAdmin {
  /** Names of all virtual hosts. */
  vhosts(): Promise<readonly string[]>;
  createVhost(name: string): Promise<void>;
  deleteVhost(name: string): Promise<void>;
  createUser(user: { readonly name: string; readonly password: string }): Promise<void>;
  deleteUser(name: string): Promise<void>;
  /** Replaces the user's permissions in that virtual host. */
  permit(user: string, vhost: string, permissions: BrokerPermissions): Promise<void>;
  /** Restricts on one topic exchange what `permit` allows. */
  permitTopics(user: string, vhost: string, permissions: TopicPermissions): Promise<void>;
  /** Adds exchanges, queues, bindings and policies to a virtual host; existing ones stay unchanged. */
  importDefinitions(vhost: string, definitions: object): Promise<void>;
  /**
   * The same with users and permissions, each of which names its virtual host. Afterwards a user has exactly these
   * permissions; existing queues and exchanges stay unchanged.
   */
  importAll(definitions: object): Promise<void>;
  /** The queues of a virtual host. */
  queues(vhost: string): Promise<readonly { readonly name: string; readonly arguments: object }[]>;
}

const requestTimeoutMs = 10_000;

/** The management API's explanation beside the status. */
const reasonIn = (text: string) => {
  const reason = /"reason":"([^"]{1,300})/.exec(text)?.[1];
  return reason ? `: ${reason}` : '';
};

/** @param managementUrl http(s)://user:password@host:port @throws Error with the status when the broker refuses */
export const brokerAdmin = (managementUrl: string): BrokerAdmin => {
  const { origin, username, password } = new URL(managementUrl);
  const credentials = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  const call = async (method: string, parts: readonly string[], body?: object): Promise<unknown> => {
    const response = await fetch(`${origin}/api/${parts.map(encodeURIComponent).join('/')}`, {
      method,
      headers: {
        authorization: `Basic ${Buffer.from(credentials).toString('base64')}`,
        'content-type': 'application/json',
      },
      ...(body && { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(requestTimeoutMs),
    });
    const text = await response.text();
    if (!response.ok && !(method === 'DELETE' && response.status === 404)) {
      throw new Error(
        `RabbitMQ answered ${response.status} to ${method} ${parts.join('/')}${reasonIn(text)}`,
      );
    }
    return method === 'GET' ? JSON.parse(text) : undefined;
  };
  return {
    vhosts: async () => ((await call('GET', ['vhosts'])) as { name: string }[]).map(({ name }) => name),
    createVhost: async (name) => void (await call('PUT', ['vhosts', name], {})),
    deleteVhost: async (name) => void (await call('DELETE', ['vhosts', name])),
    createUser: async (user) =>
      void (await call('PUT', ['users', user.name], { password: user.password, tags: '' })),
    deleteUser: async (name) => void (await call('DELETE', ['users', name])),
    permit: async (user, vhost, permissions) =>
      void (await call('PUT', ['permissions', vhost, user], permissions)),
    permitTopics: async (user, vhost, permissions) =>
      void (await call('PUT', ['topic-permissions', vhost, user], permissions)),
    importDefinitions: async (vhost, definitions) =>
      void (await call('POST', ['definitions', vhost], definitions)),
    importAll: async (definitions) => void (await call('POST', ['definitions'], definitions)),
    queues: async (vhost) => (await call('GET', ['queues', vhost])) as { name: string; arguments: object }[],
  };
};
