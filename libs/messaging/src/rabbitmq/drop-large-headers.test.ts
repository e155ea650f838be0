import * as fc from 'fast-check';
import { createFrameFilter } from './drop-large-headers';

const uint32 = (value: number) => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
};
const frame = (type: number, payload: Buffer) =>
  Buffer.concat([Buffer.from([type, 0, 1]), uint32(payload.length), payload, Buffer.from([0xce])]);
/** With a content type, headers and a message id. */
const contentHeader = (headers: Buffer) =>
  frame(
    2,
    Buffer.concat([
      Buffer.from([0, 60, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9, 0xa0, 0x80, 2]),
      Buffer.from('ab'),
      uint32(headers.length),
      headers,
      Buffer.from([1, 0x63]),
    ]),
  );

test('large headers are emptied, all else stays as it is, in whatever pieces it comes', () => {
  const anyFrame = fc.oneof(
    fc.tuple(fc.constantFrom(1, 3, 8), fc.nat(9_000)).map(([type, length]) => {
      const same = frame(type, Buffer.alloc(length, 2));
      return [same, same] as const;
    }),
    fc.nat(9_000).map((length) => {
      const header = contentHeader(Buffer.alloc(length, 2));
      return [header, header.length > 4_096 ? contentHeader(Buffer.alloc(0)) : header] as const;
    }),
  );
  fc.assert(
    fc.property(
      fc.array(anyFrame, { maxLength: 6 }),
      fc.array(fc.integer({ min: 1, max: 5_000 }), { minLength: 1, maxLength: 20 }),
      (frames, sizes) => {
        const filter = createFrameFilter();
        const sent = Buffer.concat(frames.map(([given]) => given));
        const received: Buffer[] = [];
        for (let at = 0, turn = 0; at < sent.length; turn++) {
          const size = sizes[turn % sizes.length] ?? 1;
          received.push(...filter(sent.subarray(at, at + size)));
          at += size;
        }
        expect(Buffer.concat(received).equals(Buffer.concat(frames.map(([, wanted]) => wanted)))).toBe(true);
      },
    ),
  );
});
