import { publicApis } from './apis';
import { createAsyncApi } from './asyncapi';
import { findBreakingEventChanges } from './compatibility/asyncapi';
import { findBreakingApiChanges } from './compatibility/openapi';
import { events } from './events';
import { createOpenApi } from './openapi';
import type { Json } from './openapi-components';
import { createApiReference } from './reference/api-reference';
import { createEventReference } from './reference/event-reference';
import { subscriptions } from './subscriptions';

/** A file of the repository that is made from the contracts. */
export interface GeneratedFile {
  /** From the root of the workspace. */
  readonly path: string;
  readonly content: string;
  /** For promises: what in it breaks somebody who relies on what the file said before. */
  readonly findBreaking?: (before: Json) => string[];
}

/** The documents that are committed: what is promised at present, and the references made from it. */
export function generatedFiles(): GeneratedFile[] {
  const openApi = createOpenApi(publicApis);
  const asyncApi = createAsyncApi(events, Object.values(subscriptions));
  const json = (document: Json) => `${JSON.stringify(document, null, 2)}\n`;
  return [
    {
      path: 'libs/contracts/openapi.snapshot.json',
      content: json(openApi),
      findBreaking: (before) => findBreakingApiChanges(before, openApi),
    },
    {
      path: 'libs/contracts/asyncapi.snapshot.json',
      content: json(asyncApi),
      findBreaking: (before) => findBreakingEventChanges(before, asyncApi),
    },
    { path: 'docs/api.md', content: createApiReference(openApi) },
    { path: 'docs/events.md', content: createEventReference(asyncApi) },
  ];
}
