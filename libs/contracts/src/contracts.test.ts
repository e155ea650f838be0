import { internalApis, publicApis } from './apis';
import { type Endpoint, type Endpoints, needsLiveSession } from './endpoint';
import { events } from './events';
import { createOpenApi } from './openapi';
import { IfMatchHeader, IfNoneMatchHeader } from './preconditions';
import { problems } from './problem';
import { subscriptions } from './subscriptions';

const endpointsOf = (apis: Readonly<Record<string, Endpoints>>): Endpoint[] =>
  Object.values(apis).flatMap((api) => Object.values(api));
const publicEndpoints = endpointsOf(publicApis);
const internalEndpoints = endpointsOf(internalApis);

describe('endpoints', () => {
  it('have names and places of their own', () => {
    const names = [...publicEndpoints, ...internalEndpoints].map(
      ({ operationId, path }) => `${path.split('/')[1]} ${operationId}`,
    );
    expect(new Set(names).size).toBeGreaterThan(40);
    const places = publicEndpoints.map(
      ({ method, path }) => `${method} ${path.replaceAll(/\{\w+\}/g, '{}')}`,
    );
    expect(places.filter((place, index) => places.indexOf(place) !== index)).toEqual([]);
    const operations = publicEndpoints.map(({ operationId }) => operationId);
    expect(operations.filter((name, index) => operations.indexOf(name) !== index)).toEqual([]);
  });

  it('for services are under /internal, and only those', () => {
    for (const { path, access } of internalEndpoints)
      expect({ path, kind: access.kind }).toEqual({
        path: expect.stringMatching(/^\/internal\//),
        kind: 'service',
      });
    for (const { path, access } of publicEndpoints) {
      expect(path).toMatch(/^\/(api\/v1|\.well-known)\//);
      expect(access.kind).not.toBe('service');
    }
  });

  it('that must not be done after the session ended are for users', () => {
    for (const { operationId, access } of publicEndpoints.filter(needsLiveSession))
      expect({ operationId, kind: access.kind }).toEqual({
        operationId,
        kind: expect.stringMatching(/^(user|role)$/),
      });
    for (const { operationId, liveSession } of internalEndpoints)
      expect({ operationId, liveSession }).toEqual({ operationId, liveSession: undefined });
  });

  it('describe every parameter of their path', () => {
    for (const { path, params } of [...publicEndpoints, ...internalEndpoints])
      expect({ path, names: Object.keys(params?.shape ?? {}).sort() }).toEqual({
        path,
        names: [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name).sort(),
      });
  });

  it('take preconditions in one way', () => {
    const taking = publicEndpoints.filter(({ headers }) => headers?.shape['if-match']);
    expect(taking.length).toBeGreaterThan(3);
    for (const { operationId, headers, problems: own } of taking) {
      expect({
        operationId,
        isTheOne: headers?.shape['if-match'] === IfMatchHeader.shape['if-match'],
      }).toEqual({
        operationId,
        isTheOne: true,
      });
      expect({ operationId, own }).toEqual({
        operationId,
        own: expect.arrayContaining(['precondition-failed']),
      });
    }
  });

  it.each([
    ['*', true],
    ['"1"', true],
    ['W/"1"', true],
    ['"1","2"', true],
    ['"1" , W/"x", ""', true],
    [', "1",, "2",', true],
    ['', false],
    ['1', false],
    ['"1', false],
    ['w/"1"', false],
    ['*, "1"', false],
    ['"1" "2"', false],
    [',', false],
    ['"a b"', false],
  ])('take %s as If-Match: %s', (header, isTaken) => {
    expect(IfMatchHeader.safeParse({ 'if-match': header }).success).toBe(isTaken);
    expect(IfNoneMatchHeader.safeParse({ 'if-none-match': header }).success).toBe(isTaken);
  });

  it('have a success among their answers', () => {
    for (const { operationId, responses } of publicEndpoints)
      expect({
        operationId,
        success: Object.keys(responses).some((status) => status.startsWith('2')),
      }).toEqual({
        operationId,
        success: true,
      });
  });
});

describe('the last access token of a session that has ended', () => {
  it('still does what people need while auth is away, and nothing else', () => {
    const done = publicEndpoints
      .filter(({ access }) => access.kind === 'user' || access.kind === 'role')
      .filter((endpoint) => !needsLiveSession(endpoint))
      .map(({ operationId }) => operationId);
    // Streams ask when they are opened. Before an endpoint joins: what could a stranger do with it for ten minutes?
    expect(done.sort()).toEqual(
      [
        ['listSessions', 'requestEmailVerification', 'getErasure'],
        ['getProfile', 'updateProfile'],
        ['listAddresses', 'getAddress', 'createAddress', 'replaceAddress', 'deleteAddress'],
        ['placeOrder', 'listOrders', 'getOrder', 'streamOrder', 'cancelOrder'],
        ['listNotifications', 'readNotification', 'streamNotifications'],
      ]
        .flat()
        .sort(),
    );
  });
});

describe('the API document', () => {
  const document = createOpenApi(publicApis);

  it('has every public endpoint and no other', () => {
    const paths = document['paths'] as Record<string, Record<string, unknown>>;
    const documented = Object.entries(paths).flatMap(([path, methods]) =>
      Object.entries(methods).flatMap(([method, operation]) =>
        [path, ...((operation as { 'x-former-paths'?: string[] })['x-former-paths'] ?? [])].map(
          (each) => `${method} ${each}`,
        ),
      ),
    );
    expect(documented.sort()).toEqual(publicEndpoints.map(({ method, path }) => `${method} ${path}`).sort());
  });

  it('has what it refers to', () => {
    const text = JSON.stringify(document);
    const schemas = (document['components'] as { schemas: Record<string, unknown> }).schemas;
    const references = new Set(
      [...text.matchAll(/"\$ref":"#\/components\/schemas\/([^"]+)"/g)].map(([, name]) => name!),
    );
    expect(references.size).toBeGreaterThan(20);
    for (const name of references) expect(Object.keys(schemas)).toContain(name);
    expect(text).not.toContain('#/$defs/');
  });

  it('closes requests, down to the last object in them, and leaves answers open', () => {
    const schemas = (document['components'] as any).schemas;
    const openObjects = (value: any, at: string, within: readonly string[] = []): string[] => {
      if (typeof value !== 'object' || value === null) return [];
      if (typeof value.$ref === 'string') {
        const name: string = value.$ref.split('/').at(-1);
        return within.includes(name) ? [] : openObjects(schemas[name], `${at} ${name}`, [...within, name]);
      }
      const isOpen = value.type === 'object' && value.additionalProperties !== false;
      const inner = Object.entries(value).flatMap(([key, each]) => openObjects(each, `${at}/${key}`, within));
      return isOpen ? [at, ...inner] : inner;
    };
    const bodies = Object.entries(document['paths'] as any).flatMap(([place, methods]: [string, any]) =>
      Object.entries<any>(methods).flatMap(([method, { requestBody }]) =>
        requestBody ? [{ place: `${method} ${place}`, content: requestBody.content }] : [],
      ),
    );
    expect(bodies.length).toBeGreaterThan(10);
    expect(bodies.flatMap(({ place, content }) => openObjects(content, place))).toEqual([]);
    expect(schemas.Order.additionalProperties).toBeUndefined();
  });
});

describe('events', () => {
  it('are named for what happened, with a version', () => {
    for (const type of events.keys()) expect(type).toMatch(/^[a-z-]+\.[a-z-]+\.v[1-9]\d*$/);
  });

  it('are heard by groups named for their service', () => {
    for (const { group, service, events: heard } of Object.values(subscriptions)) {
      expect(group.split('.')[0]).toBe(service);
      for (const { type } of heard) expect(events.has(type)).toBe(true);
    }
    const groups = Object.values(subscriptions).map(({ group }) => group);
    expect(new Set(groups).size).toBe(groups.length);
  });

  it('carry no personal data', () => {
    for (const { type, data } of events.values())
      for (const field of Object.keys(data.shape))
        expect(`${type} ${field}`).not.toMatch(/ (email|address|password|token|phone|firstName|lastName)$/i);
  });
});

describe('problems', () => {
  it('have a status of their class', () => {
    for (const { status } of Object.values(problems)) expect(status >= 400 && status < 600).toBe(true);
  });
});
