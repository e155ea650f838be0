// @ts-check
/**
 * Whether npm is gone. It ends without a word to what it started when it is killed, and the shell that it puts in between
 * passes no signal on: the process finds itself with another parent.
 */
const parent = process.ppid;

export const isOrphaned = () => process.env['npm_lifecycle_event'] !== undefined && process.ppid !== parent;

const lookEveryMs = 250;

/** @param {() => void} end @returns the timer; it keeps nobody from ending, and ends with the first call of `end` */
export const whenOrphaned = (end) => {
  const look = setInterval(() => {
    if (!isOrphaned()) return;
    clearInterval(look);
    end();
  }, lookEveryMs);
  look.unref();
  return look;
};
