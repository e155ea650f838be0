import Ajv from 'ajv/dist/2020';

/** An operation of the API document, with what the checks need of it. */
export interface Operation {
  readonly id: string;
  readonly method: string;
  readonly path: string;
  readonly needsUser: boolean;
  readonly role: string | undefined;
  readonly takesJson: boolean;
  readonly isStream: boolean;
  /** Statuses that the document has for it. */
  readonly statuses: readonly number[];
}

/** Which documented answers of a shop were seen, and which answers contradict its document. */
export interface Observed {
  readonly operations: readonly Operation[];
  operation(id: string): Operation;
  /** The operation that a request is for. */
  find(method: string, path: string): Operation | undefined;
  /** Notes an answer. @returns what contradicts the document, a sentence each */
  note(operation: Operation, response: { status: number; contentType: string; text?: string }): string[];
  statusesOf(id: string): Set<number>;
}

export function observe(document: any): Observed {
  const ajv = new Ajv({ strict: false, validateFormats: false });
  ajv.addSchema({ $id: 'api', ...document });
  const operations: Operation[] = Object.entries<Record<string, any>>(document.paths).flatMap(
    ([path, methods]) =>
      Object.entries<any>(methods).map(([method, operation]) => ({
        id: operation.operationId as string,
        method: method.toUpperCase(),
        path,
        needsUser: operation.security.length > 0,
        role: operation.security[0]?.bearer[0] as string | undefined,
        takesJson: operation.responses['415'] !== undefined,
        isStream: Object.values<any>(operation.responses).some(
          ({ content = {} }) => 'text/event-stream' in content,
        ),
        statuses: Object.keys(operation.responses).map(Number),
      })),
  );
  const seen = new Map(operations.map(({ id }) => [id, new Set<number>()]));
  const patterns = operations.map((operation) => ({
    operation,
    // What has no parameter is more exact than what has.
    exactness: -(operation.path.match(/\{/g)?.length ?? 0),
    pattern: new RegExp(`^${operation.path.replaceAll('.', '\\.').replaceAll(/\{\w+\}/g, '[^/]+')}$`),
  }));

  return {
    operations,
    operation: (id) => operations.find((each) => each.id === id)!,
    find: (method, path) =>
      patterns
        .filter(({ operation, pattern }) => operation.method === method && pattern.test(path))
        .sort((a, b) => b.exactness - a.exactness)[0]?.operation,
    note({ id, method, path }, { status, contentType, text }) {
      seen.get(id)!.add(status);
      const place = `${id} (${method} ${path}) answered ${status}`;
      if (status >= 500) return [`${place}: ${text?.slice(0, 300)}`];
      const responses = document.paths[path][method.toLowerCase()].responses;
      let response = responses[status];
      if (response === undefined) return [`${place}, which its document does not know`];
      if (response.$ref) response = document.components.responses[response.$ref.split('/').at(-1)];
      const [type] = contentType.split(';');
      const media = response.content?.[type!];
      if (response.content && !media) return [`${place} as ${contentType || 'nothing'}`];
      if (!media || text === undefined || !/json/.test(type!)) return [];
      const schema = JSON.parse(JSON.stringify(media.schema).replaceAll('"#/', '"api#/')) as object;
      return ajv.validate(schema, JSON.parse(text)) ? [] : [`${place} with ${ajv.errorsText()}`];
    },
    statusesOf: (id) => seen.get(id)!,
  };
}
