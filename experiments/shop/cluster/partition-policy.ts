/** A peer of a NetworkPolicy, as the charts write them. */
interface Peer {
  readonly podSelector?: { readonly matchLabels?: Readonly<Record<string, string>> };
  readonly [other: string]: unknown;
}

export interface IngressRule {
  readonly from?: readonly Peer[];
  readonly [other: string]: unknown;
}

const nameLabel = 'app.kubernetes.io/name';

/**
 * What a NetworkPolicy lets in when `caller` shall not get through any more, and everybody else as before.
 * @throws Error where a rule lets everybody in: policies only ever allow, so that none could keep the caller out
 */
export function withoutCaller(rules: readonly IngressRule[], caller: string): readonly IngressRule[] {
  return rules.flatMap((rule) => {
    if (!rule.from || rule.from.length === 0)
      throw new Error(`the policy lets everybody in, so nothing keeps ${caller} out`);
    const from = rule.from.filter((peer) => peer.podSelector?.matchLabels?.[nameLabel] !== caller);
    // A rule without anybody would let in everybody.
    return from.length === 0 ? [] : [{ ...rule, from }];
  });
}
