import type { AddressInfo } from 'node:net';
import express from 'express';
import helmet from 'helmet';
import { announce } from '../processes';
import { quote, quotePath } from './quote';

/** Express as its guides begin: no validation, no ids, no metrics, no traces. */
export async function serveQuotesByExpress(): Promise<void> {
  const app = express();
  app.use(helmet());
  app.use(express.json());
  app.post(quotePath, (request, response) => {
    response.status(200).json(quote(request.body as Parameters<typeof quote>[0]));
  });
  const server = app.listen(0, '127.0.0.1', () =>
    announce({ origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }),
  );
}
