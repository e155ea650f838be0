import type { Socket } from 'node:net';

/**
 * Makes a socket write everything from one iteration of the event loop in one piece. amqplib writes every frame
 * separately, which costs both ends a system call per message; this reduces a window of messages to a few calls. No
 * write is delayed beyond the end of the iteration.
 */
export function writeTogether(socket: Socket): void {
  const write = socket.write.bind(socket) as (...args: unknown[]) => boolean;
  let held = false;
  socket.write = (...args: unknown[]) => {
    if (!held) {
      held = true;
      socket.cork();
      process.nextTick(() => {
        held = false;
        socket.uncork();
      });
    }
    return write(...args);
  };
}
