import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { writeTogether } from './write-together';

test('what is written in one turn goes out in one piece, whole and in order', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const accepted = once(server, 'connection') as Promise<[Socket]>;
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  const [[other]] = await Promise.all([accepted, once(socket, 'connect')]);
  let received = '';
  other.setEncoding('utf8').on('data', (text: string) => (received += text));
  const single = jest.spyOn(socket, '_write');
  const together = jest.spyOn(socket as Required<Pick<Socket, '_writev'>>, '_writev');

  writeTogether(socket);
  const numbers = Array.from({ length: 300 }, (_, number) => `${number},`);
  for (const number of numbers) socket.write(number);
  await new Promise(setImmediate);
  socket.write('later,');
  socket.end('end');
  await once(other, 'end');

  expect(received).toBe(`${numbers.join('')}later,end`);
  expect(together.mock.calls.length + single.mock.calls.length).toBeLessThanOrEqual(3);
  other.destroy();
  server.close();
  await once(server, 'close');
});
