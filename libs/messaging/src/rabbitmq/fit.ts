/** The longest short string of AMQP 0-9-1, bytes of UTF-8. */
const longestShortString = 255;

/**
 * A property of a delivery in a form that can be sent again. Bytes that are not UTF-8 were decoded to U+FFFD, one byte
 * becoming three, so that a short string within the limit may exceed it now; it is cut at a character.
 * @returns undefined for an absent or empty property
 */
export function fitShortString(property: unknown): string | undefined {
  if (typeof property !== 'string' || property === '') return undefined;
  const bytes = Buffer.from(property);
  if (bytes.length <= longestShortString) return property;
  let end = longestShortString;
  while (isContinuation(bytes[end])) end -= 1;
  return bytes.toString('utf8', 0, end);
}

/** A continuation byte of UTF-8. */
const isContinuation = (byte: number | undefined): boolean => byte !== undefined && (byte & 0xc0) === 0x80;

export interface CopiedProperties {
  readonly type?: string;
  readonly contentType?: string;
}

/**
 * What a retry, a dead letter and a redriven message keep of a delivery besides its body and its id. Nothing else is
 * copied: the broker checks `userId`, acts on `expiration`, `CC` and `BCC`, and headers may be too large to send again.
 */
export function copiedProperties(properties: {
  readonly type?: unknown;
  readonly contentType?: unknown;
}): CopiedProperties {
  const type = fitShortString(properties.type);
  const contentType = fitShortString(properties.contentType);
  return {
    ...(type !== undefined && { type }),
    ...(contentType !== undefined && { contentType }),
  };
}
