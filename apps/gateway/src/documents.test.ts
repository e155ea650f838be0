import { createDocument } from './documents';

test('a document is compressed once, and not for each request', () => {
  const document = createDocument({ openapi: '3.1.0', paths: {} });
  for (const accepted of [undefined, 'gzip', 'br, gzip'])
    expect(document.for(accepted).body).toBe(document.for(accepted).body);
  expect(document.for('gzip').encoding).toBe('gzip');
});
