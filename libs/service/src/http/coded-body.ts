import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

/** A body that is sent often, encoded once per content coding. */
export interface CodedBody {
  /** The shortest encoding that the client accepts, by its Accept-Encoding (RFC 9110 §12.5.3). */
  for(acceptEncoding: string | undefined): Coded;
}

export interface Coded {
  readonly body: Buffer;
  /** Content-Encoding; undefined for the unencoded body. */
  readonly encoding?: string;
}

export function createCodedBody(body: Buffer): CodedBody {
  const params = { [constants.BROTLI_PARAM_QUALITY]: 5 };
  const shortestFirst: readonly Required<Coded>[] = [
    { encoding: 'br', body: brotliCompressSync(body, { params }) },
    { encoding: 'gzip', body: gzipSync(body) },
  ];
  return {
    for(acceptEncoding) {
      const weights = weightsIn(acceptEncoding ?? '');
      const isTaken = ({ encoding }: Required<Coded>) => (weights.get(encoding) ?? weights.get('*') ?? 0) > 0;
      return shortestFirst.find(isTaken) ?? { body };
    },
  };
}

/** Content codings and their quality values, from 0 (not acceptable) to 1. */
const weightsIn = (acceptEncoding: string): ReadonlyMap<string, number> =>
  new Map(
    acceptEncoding
      .toLowerCase()
      .split(',')
      .map((part) => {
        const [coding = '', weight] = part.split(';');
        const q = weight?.trim().replace(/^q=/, '') ?? '1';
        return [coding.trim(), Number(q) || 0];
      }),
  );
