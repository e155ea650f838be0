import { publicApis } from './apis';
import { createAsyncApi } from './asyncapi';
import { addToChangelog, describeApiChanges } from './compatibility/changes';
import { findBreakingEventChanges } from './compatibility/asyncapi';
import { findBreakingApiChanges } from './compatibility/openapi';
import { events } from './events';
import { anyShop, createOpenApi } from './openapi';
import type { Json } from './openapi-components';
import { createApiReference } from './reference/api-reference';
import { createEventReference } from './reference/event-reference';
import { subscriptions } from './subscriptions';

/** A file of the repository that is generated from the contracts. */
export interface GeneratedFile {
  /** From the root of the workspace. */
  readonly path: string;
  readonly content: string;
  /** For contracts: its changes that break users of the previous version. */
  readonly findBreaking?: (before: Json) => string[];
  /** For the API: its changes for authors of clients. */
  readonly describeChanges?: (before: Json) => string[];
  /** The same in reverse: what was reported when something that is now removed was added. */
  readonly describeWayBack?: (before: Json) => string[];
}

/** The committed documents: the current contracts, and the references generated from them. */
export function generatedFiles(): GeneratedFile[] {
  const openApi = createOpenApi(publicApis, anyShop);
  const asyncApi = createAsyncApi(events, Object.values(subscriptions));
  const json = (document: Json) => `${JSON.stringify(document, null, 2)}\n`;
  return [
    {
      path: 'libs/contracts/openapi.snapshot.json',
      content: json(openApi),
      findBreaking: (before) => findBreakingApiChanges(before, openApi),
      describeChanges: (before) => describeApiChanges(before, openApi),
      describeWayBack: (before) => describeApiChanges(openApi, before),
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

export { addToChangelog };
