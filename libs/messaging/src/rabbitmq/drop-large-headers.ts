import type { Socket } from 'node:net';

/**
 * The largest content header frame that is passed on unchanged, bytes. Ours have a few hundred. amqplib parses the
 * tables in a header recursively: several thousand levels, which the broker accepts, overflow its stack and end the
 * connection, with all unacknowledged messages on it. A table takes at least five bytes a level.
 */
const largestHeader = 4_096;

/**
 * Empties the headers of messages with larger headers than any consumer here reads, before amqplib sees them. Whatever
 * in them is unreadable, the message itself can be handled or become a dead letter.
 */
export function dropLargeHeaders(socket: Socket): void {
  const read = socket.read.bind(socket) as (size?: number) => Buffer | null;
  const filter = createFrameFilter();
  socket.read = (size?: number): Buffer | null => {
    // Node.js reads nothing if asked to fill its own buffer.
    if (size === 0) return read(0);
    const passed: Buffer[] = [];
    for (let chunk = read(size); chunk !== null; chunk = read(size)) passed.push(...filter(chunk));
    return passed.length === 0 ? null : Buffer.concat(passed);
  };
}

const contentHeader = 2;
/** type (1), channel (2), size of the payload (4) */
const frameHead = 7;
const frameEnd = 1;

/** Transforms a stream of frames in arbitrary chunks; empties large content headers. */
export function createFrameFilter(): (chunk: Buffer) => Buffer[] {
  /** The start of a frame that is too short to decide yet. */
  let held: Buffer = Buffer.alloc(0);
  /** Remaining bytes of a frame that is passed on. */
  let toPass = 0;
  return (chunk) => {
    const data = held.length === 0 ? chunk : Buffer.concat([held, chunk]);
    const out: Buffer[] = [];
    let passedUpTo = 0;
    let at = Math.min(toPass, data.length);
    toPass -= at;
    while (toPass === 0 && data.length - at >= frameHead) {
      const whole = frameHead + data.readUInt32BE(at + 3) + frameEnd;
      if (data[at] === contentHeader && whole > largestHeader) {
        if (data.length - at < whole) break;
        out.push(data.subarray(passedUpTo, at), withoutHeaders(data.subarray(at, at + whole)));
        at += whole;
        passedUpTo = at;
      } else {
        const here = Math.min(whole, data.length - at);
        toPass = whole - here;
        at += here;
      }
    }
    out.push(data.subarray(passedUpTo, at));
    held = data.subarray(at);
    return out.filter(({ length }) => length > 0);
  };
}

const flags = { contentType: 0x8000, contentEncoding: 0x4000, headers: 0x2000 };

/**
 * A content header: class (2), weight (2), size of the body (8), flags (2), then the properties in the order of the
 * flags.
 */
function withoutHeaders(frame: Buffer): Buffer {
  const flagsAt = frameHead + 12;
  const present = frame.readUInt16BE(flagsAt);
  if ((present & flags.headers) === 0) return frame;
  let at = flagsAt + 2;
  for (const flag of [flags.contentType, flags.contentEncoding])
    if ((present & flag) !== 0) at += 1 + frame.readUInt8(at);
  const afterHeaders = at + 4 + frame.readUInt32BE(at);
  const emptied = Buffer.concat([frame.subarray(0, at), Buffer.alloc(4), frame.subarray(afterHeaders)]);
  emptied.writeUInt32BE(emptied.length - frameHead - frameEnd, 3);
  return emptied;
}
