import { z } from 'zod';

const entityTags = /^(\*|(W\/)?"[\x21\x23-\x7e]{0,100}"( *, *(W\/)?"[\x21\x23-\x7e]{0,100}")*)$/;

/** RFC 9110 §13.1.1; optional in the schema, since leaving it out is answered with 428 and not as invalid. */
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
