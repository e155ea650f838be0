import type { ReceivedSpan } from '@bulkhead/testing/otlp-receiver';

/** A span with its children. */
export interface SpanNode {
  readonly span: ReceivedSpan;
  readonly children: readonly SpanNode[];
}

export const serviceOf = ({ resource }: ReceivedSpan): string => String(resource['service.name']);

const kinds = ['unspecified', 'internal', 'server', 'client', 'producer', 'consumer'];
/** For example `gateway server: POST /api/v1/orders`. */
export const label = (span: ReceivedSpan): string =>
  `${serviceOf(span)} ${kinds[span.kind] ?? '?'}: ${span.name}`;

/**
 * One trace as a tree; children in the order of their start.
 * @throws Error if it has no root, several, or a span whose parent is missing
 */
export function treeOf(spans: readonly ReceivedSpan[], traceId: string): SpanNode {
  const ours = spans
    .filter((span) => span.traceId === traceId)
    .sort((one, other) => Number(BigInt(one.startTimeUnixNano) - BigInt(other.startTimeUnixNano)));
  const known = new Set(ours.map(({ spanId }) => spanId));
  const roots = ours.filter(({ parentSpanId }) => parentSpanId === undefined);
  const orphans = ours.filter(({ parentSpanId }) => parentSpanId !== undefined && !known.has(parentSpanId));
  if (roots.length !== 1 || orphans.length > 0)
    throw new Error(`${roots.length} roots, without their parents: ${orphans.map(label).join('; ')}`);
  const node = (span: ReceivedSpan): SpanNode => ({
    span,
    children: ours.filter(({ parentSpanId }) => parentSpanId === span.spanId).map(node),
  });
  return node(roots[0]!);
}

/** Every span of the tree with its depth, parents before children. */
export const flatten = (
  node: SpanNode,
  depth = 0,
): { readonly span: ReceivedSpan; readonly depth: number }[] => [
  { span: node.span, depth },
  ...node.children.flatMap((child) => flatten(child, depth + 1)),
];

/**
 * The paths from the root to every matching span, as labels.
 * @param fits whether to include the path to a span
 */
export function waysTo(root: SpanNode, fits: (span: ReceivedSpan) => boolean): string[][] {
  const found: string[][] = [];
  const walk = (node: SpanNode, above: readonly string[]) => {
    const way = [...above, label(node.span)];
    if (fits(node.span)) found.push(way);
    for (const child of node.children) walk(child, way);
  };
  walk(root, []);
  return found;
}
