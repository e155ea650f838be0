import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { withSocketOf } from './own-socket';

test('only the socket that was opened within is told, and one of TLS too', async () => {
  const server = createServer((socket) => socket.on('error', () => undefined).end()).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const plain = withSocketOf(() => connect(port, '127.0.0.1'));
  const secure = withSocketOf(() => connectTls(port, '127.0.0.1').on('error', () => undefined));
  const other = connect(port, '127.0.0.1');
  expect(plain.socket).toBe(plain.result);
  expect(secure.socket).toBe(secure.result);
  expect(withSocketOf(() => 'none')).toEqual({ result: 'none', socket: undefined });
  for (const socket of [plain.result, secure.result, other]) socket.destroy();
  server.close();
  await once(server, 'close');
});
