import { z } from 'zod';

/** `*` or a list of entity tags (RFC 9110 §8.8.3); empty elements of a list count for nothing (§5.6.1.2). */
const entityTags =
  /^(\*|[\t ,]*(W\/)?"[\x21\x23-\x7e]{0,100}"([\t ]*,[\t ,]*(W\/)?"[\x21\x23-\x7e]{0,100}")*[\t ,]*)$/;

/**
 * RFC 9110 §13.1.1, for every endpoint that takes it. Optional in the schema: where an endpoint requires it, leaving it
 * out is answered 428 and not as invalid.
 */
export const IfMatchHeader = z.object({
  'if-match': z
    .string()
    .max(1000)
    .regex(entityTags, 'must be * or a list of quoted entity tags')
    .optional()
    .meta({
      description: 'ETag of the state that the change is based on, or * (RFC 9110 §13.1.1)',
      examples: ['"3"'],
    }),
});

/** RFC 9110 §13.1.2. */
export const IfNoneMatchHeader = z.object({
  'if-none-match': z
    .string()
    .max(1000)
    .regex(entityTags, 'must be * or a list of quoted entity tags')
    .optional()
    .meta({
      description: 'ETag of the copy at hand: 304 where it is still current (RFC 9110 §13.1.2)',
      examples: ['"3"'],
    }),
});

/** For `headers` of answers that carry a version. */
export const etagHeader = { etag: { description: 'version of this state, for If-Match and If-None-Match' } };
