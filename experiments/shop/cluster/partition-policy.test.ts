import fc from 'fast-check';
import { type IngressRule, withoutCaller } from './partition-policy';

const peerOf = (name: string) => ({ podSelector: { matchLabels: { 'app.kubernetes.io/name': name } } });
const anyName = fc.constantFrom('order', 'payment', 'gateway', 'search', 'notification');
const anyRules = fc.array(
  fc.record({
    from: fc.array(anyName.map(peerOf), { minLength: 1, maxLength: 3 }),
    ports: fc.constant([{ port: 8080 }]),
  }),
);
const callersOf = (rules: readonly IngressRule[]) =>
  rules.flatMap(({ from = [] }) =>
    from.map(({ podSelector }) => podSelector?.matchLabels?.['app.kubernetes.io/name']),
  );

describe('a partition by NetworkPolicy', () => {
  it('keeps out whom it is meant for, and nobody else', () => {
    fc.assert(
      fc.property(anyRules, anyName, (rules, caller) => {
        expect(callersOf(withoutCaller(rules, caller))).toEqual(
          callersOf(rules).filter((name) => name !== caller),
        );
      }),
    );
  });

  it('never leaves a rule without anybody, which would let in everybody', () => {
    fc.assert(
      fc.property(anyRules, anyName, (rules, caller) => {
        for (const { from } of withoutCaller(rules, caller)) expect(from).not.toHaveLength(0);
      }),
    );
  });

  it('says so where a rule lets everybody in already', () => {
    expect(() => withoutCaller([{ ports: [] }], 'order')).toThrow('lets everybody in');
  });
});
