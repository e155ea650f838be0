/** An event of a stream (WHATWG HTML §9.2). */
export interface StreamedEvent {
  readonly id: string | undefined;
  readonly event: string;
  readonly data: string;
}

/** Most characters of one event: a stream that sends more without an end of line is not one of the shop's. */
const maxEventLength = 1_000_000;

/**
 * Reads server-sent events as they come. What the stream breaks off within is no event.
 * @throws Error for an event that is too long
 */
export async function* readEvents(body: AsyncIterable<Uint8Array>): AsyncGenerator<StreamedEvent> {
  const decoder = new TextDecoder();
  let rest = '';
  let lines: string[] = [];
  for await (const chunk of body) {
    rest += decoder.decode(chunk, { stream: true });
    const complete = rest.split(/\r\n|\n|\r(?!$)/);
    rest = complete.pop() ?? '';
    if (rest.length > maxEventLength || lines.length > maxEventLength / 100)
      throw new Error('an event of the stream is too long');
    for (const line of complete) {
      if (line !== '') lines.push(line);
      else {
        const event = eventOf(lines);
        if (event) yield event;
        lines = [];
      }
    }
  }
}

function eventOf(lines: readonly string[]): StreamedEvent | undefined {
  const fields = lines.map((line) => {
    const [name = '', ...value] = line.split(':');
    return [name, value.join(':').replace(/^ /, '')] as const;
  });
  const last = (wanted: string) => fields.findLast(([name]) => name === wanted)?.[1];
  const data = fields.filter(([name]) => name === 'data').map(([, value]) => value);
  if (data.length === 0) return undefined;
  return { id: last('id'), event: last('event') ?? 'message', data: data.join('\n') };
}
