import compression from 'compression';
import type { RequestHandler } from 'express';

const middleware = compression({ threshold: 1024 });

/** Compresses responses of 1 KiB or more if the client accepts it. Never used for event streams. */
export const compress: RequestHandler = (request, response, next) => {
  if (!request.headers['accept-encoding'] || request.method === 'HEAD') return next();
  middleware(request, response, next);
};
