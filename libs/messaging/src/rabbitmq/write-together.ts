import type { Socket } from 'node:net';

/**
 * Lets a socket write what comes in one turn of the event loop in one piece. amqplib writes every frame by itself, which
 * costs both ends a system call for each message; a window of messages sent at once is a few of them this way. Nothing
 * waits longer than until the end of the turn.
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
