import type { IncomingMessage } from 'node:http';
import type { Endpoint } from '@bulkhead/contracts/endpoint';
import { problem } from '@bulkhead/service/errors';
import { defaultBodyLimit, readBody } from '@bulkhead/service/http/read-request';

/** Maximum total bytes of buffered bodies, of all clients: well below the memory of a gateway. */
const maxBytesHeld = 64 * 1024 * 1024;

/** Reads the bodies of requests before any service is called, so that a slow client only delays itself. */
export interface RequestBodies {
  /**
   * Reads a whole body. Its bytes count until they are released.
   * @throws ProblemError content-too-large, request-timeout, malformed-request (cut off), unsupported-media-type
   *   (compressed), overloaded when too many bytes are buffered
   */
  read(request: IncomingMessage, endpoint: Endpoint): Promise<Buffer | undefined>;
  release(body: Buffer | undefined): void;
}

/** @param withinMs timeout for receiving a body, ms */
export function createRequestBodies(withinMs: number): RequestBodies {
  let held = 0;
  return {
    async read(request, endpoint) {
      let own = 0;
      const refuse = (bytes: number) => {
        if (held + bytes > maxBytesHeld) return problem('overloaded', { headers: { 'retry-after': '1' } });
        held += bytes;
        own += bytes;
        return undefined;
      };
      try {
        return await readBody(request, endpoint.bodyLimit ?? defaultBodyLimit, { withinMs, refuse });
      } catch (error) {
        held -= own;
        throw error;
      }
    },
    release: (body) => void (held -= body?.length ?? 0),
  };
}
