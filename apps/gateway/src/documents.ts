import { type CodedBody, createCodedBody } from '@bulkhead/service/http/coded-body';

/** A document that the gateway serves itself. */
export type Document = CodedBody;

/** @param content any JSON value */
export const createDocument = (content: unknown): Document =>
  createCodedBody(Buffer.from(JSON.stringify(content)));
