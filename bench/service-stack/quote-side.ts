import type { Side } from '../comparison';
import { httpSide } from '../http-side';
import type { ServerProcess } from '../processes';
import { quoteBody, quotePath } from './quote';

const connections = 32;

/** A server under a load of quotes. */
export const quoteSide = (name: string, server: ServerProcess, seconds: number): Side =>
  httpSide(name, server, {
    path: quotePath,
    method: 'POST',
    headers: { 'content-type': 'application/json', ...server.headers },
    body: quoteBody,
    connections,
    seconds,
  });
