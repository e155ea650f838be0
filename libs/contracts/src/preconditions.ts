import { z } from 'zod';

/** `*` or a list of entity tags (RFC 9110 §8.8.3); empty list elements are ignored (§5.6.1.2). */
const entityTags =
  /^(\*|[\t ,]*(W\/)?"[\x21\x23-\x7e]{0,100}"([\t ]*,[\t ,]*(W\/)?"[\x21\x23-\x7e]{0,100}")*[\t ,]*)$/;

/**
 * RFC 9110 §13.1.1, for every endpoint that supports it. Optional in the schema: if an endpoint requires it, omitting
 * it results in a 428 and not in a validation error.
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

/** For `headers` of responses that have a version. */
export const etagHeader = { etag: { description: 'version of this state, for If-Match and If-None-Match' } };
