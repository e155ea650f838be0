import type { Json } from '../openapi-components';
import { type Finding, findUnreadable } from './schemas';

interface Operation {
  readonly place: string;
  readonly path: string;
  readonly value: Json;
}

/**
 * Changes in a new OpenAPI document that break clients of the old one: an operation, parameter, successful response or
 * field that was removed or renamed, a request that is no longer accepted, a response that old clients cannot read, or
 * stricter access control. Additions are compatible. @returns one sentence per change
 */
export function findBreakingApiChanges(before: Json, after: Json): string[] {
  const operations = operationsOf(after);
  return [...operationsOf(before)].flatMap(([key, old]) => {
    const now = operations.get(key);
    if (!now) return [`${old.place}: the operation is gone`];
    return [
      ...operationIdChange(old, now),
      ...accessChanges(old, now),
      ...parameterChanges(old, now, before, after),
      ...bodyChanges(old, now, before, after),
      ...answerChanges(old, now, before, after),
    ].map((change) => `${old.place}: ${change}`);
  });
}

/** Paths are equal regardless of the names of their parameters. */
const operationsOf = (document: Json): Map<string, Operation> =>
  new Map(
    Object.entries((document['paths'] ?? {}) as Record<string, Json>).flatMap(([path, methods]) =>
      Object.entries(methods).flatMap(([method, value]) =>
        [path, ...(((value as Json)['x-former-paths'] ?? []) as string[])].map(
          (each): [string, Operation] => [
            `${method} ${each.replaceAll(/\{[^}]+\}/g, '{}')}`,
            { place: `${method.toUpperCase()} ${each}`, path: each, value: value as Json },
          ],
        ),
      ),
    ),
  );

const operationIdChange = (old: Operation, now: Operation): string[] =>
  old.value['operationId'] === now.value['operationId']
    ? []
    : [`its operationId was ${String(old.value['operationId'])} and is ${String(now.value['operationId'])}`];

const accessChanges = (old: Operation, now: Operation): string[] => {
  const needs = ({ value }: Operation) =>
    ((value['security'] ?? []) as Record<string, string[]>[]).flatMap((scheme) =>
      Object.entries(scheme).flatMap(([name, roles]) => [name, ...roles.map((role) => `${name} ${role}`)]),
    );
  return needs(now)
    .filter((need) => !needs(old).includes(need))
    .map((need) => `it needs ${need} now`);
};

interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly required?: boolean;
  readonly schema: unknown;
}

function parametersOf({ value, path }: Operation): Map<string, Parameter> {
  const inPath = [...path.matchAll(/\{([^}]+)\}/g)].map(([, name]) => name);
  return new Map(
    ((value['parameters'] ?? []) as Parameter[]).map((parameter) => [
      parameter.in === 'path'
        ? `path ${inPath.indexOf(parameter.name)}`
        : `${parameter.in} ${parameter.in === 'header' ? parameter.name.toLowerCase() : parameter.name}`,
      parameter,
    ]),
  );
}

function parameterChanges(old: Operation, now: Operation, before: Json, after: Json): string[] {
  const was = parametersOf(old);
  const is = parametersOf(now);
  const gone = [...was].flatMap(([key, parameter]) => {
    const label = `the ${parameter.in} parameter ${parameter.name}`;
    const present = is.get(key);
    if (!present) return [`${label} is gone`];
    return [
      ...(present.required && !parameter.required ? [`${label} is required now`] : []),
      ...told(
        label,
        findUnreadable(
          { schema: asText(parameter.schema), document: before },
          { schema: asText(present.schema), document: after },
          { readerIsOld: false },
        ),
      ),
    ];
  });
  const added = [...is]
    .filter(([key, { required }]) => required && !was.has(key))
    .map(([, parameter]) => `the ${parameter.in} parameter ${parameter.name} is new and required`);
  return [...gone, ...added];
}

/** In parameters, `true` and `false` are strings. */
const asText = (schema: unknown): unknown =>
  (schema as Json)['type'] === 'boolean' ? { enum: ['true', 'false'] } : schema;

interface Body {
  readonly required?: boolean;
  readonly content?: Record<string, { schema?: unknown }>;
}

function bodyChanges(old: Operation, now: Operation, before: Json, after: Json): string[] {
  const was = old.value['requestBody'] as Body | undefined;
  const is = now.value['requestBody'] as Body | undefined;
  if (!was) return is?.required ? ['it needs a body now'] : [];
  if (!is) return ['it takes no body any more'];
  return [
    ...(is.required && !was.required ? ['its body is required now'] : []),
    ...contentChanges('the body', was, is, (previous, present) =>
      findUnreadable(
        { schema: previous, document: before },
        { schema: present, document: after },
        { readerIsOld: false },
      ),
    ),
  ];
}

interface ResponseDefinition extends Body {
  readonly headers?: Json;
}

const namesOf = (headers: Json = {}) => Object.keys(headers).map((name) => name.toLowerCase());

function answerChanges(old: Operation, now: Operation, before: Json, after: Json): string[] {
  const successes = ({ value }: Operation) =>
    Object.entries((value['responses'] ?? {}) as Record<string, ResponseDefinition>).filter(([status]) =>
      /^[23]/.test(status),
    );
  const present = new Map(successes(now));
  return successes(old).flatMap(([status, was]) => {
    const is = present.get(status);
    if (!is) return [`the answer ${status} is gone`];
    return [
      ...Object.keys(was.headers ?? {})
        .filter((name) => !namesOf(is.headers).includes(name.toLowerCase()))
        .map((name) => `the header ${name} of the answer ${status} is gone`),
      ...contentChanges(`the answer ${status}`, was, is, (previous, current) =>
        findUnreadable(
          { schema: current, document: after },
          { schema: previous, document: before },
          { readerIsOld: true },
        ),
      ),
    ];
  });
}

const contentChanges = (
  label: string,
  was: Body,
  is: Body,
  compare: (previous: unknown, present: unknown) => Finding[],
): string[] =>
  Object.entries(was.content ?? {}).flatMap(([type, { schema }]) => {
    const present = is.content?.[type];
    return present ? told(label, compare(schema, present.schema)) : [`${label} is no ${type} any more`];
  });

const told = (label: string, findings: readonly Finding[]): string[] =>
  findings.map(({ place, detail }) => `${label} at ${place}: ${detail}`);
