import { type Clocks, failed, ok, warning } from './probe';

/** Clock skew that verifiers of tokens tolerate (service-identity, user-tokens). */
const toleratedMs = 5_000;
const noticeableMs = 2_000;

export function createClocks(now: () => number = Date.now): Clocks {
  const offsets: { readonly source: string; readonly ms: number }[] = [];

  const note: Clocks['note'] = (source, time, sentAt, precisionMs = 0) => {
    const earliest = sentAt - precisionMs;
    const latest = now();
    // When the server read its clock between the request and the response is unknown.
    const ms = time < earliest ? time - earliest : time > latest ? time - latest : 0;
    offsets.push({ source, ms });
  };

  return {
    note,
    noteDate(source, date, sentAt) {
      const time = Date.parse(date ?? '');
      if (!Number.isNaN(time)) note(source, time, sentAt, 1_000);
    },
    finding() {
      const [worst] = offsets.toSorted((one, other) => Math.abs(other.ms) - Math.abs(one.ms));
      if (!worst) return [];
      const seconds = `${Math.round(Math.abs(worst.ms) / 100) / 10} s`;
      const where = worst.ms > 0 ? 'behind' : 'ahead of';
      const told = `The clock of this node is ${seconds} ${where} that of ${worst.source}`;
      const remedy = 'set both by NTP';
      if (Math.abs(worst.ms) > toleratedMs)
        return [failed('clock', `${told}; ${remedy}, since tokens are refused from 5 s on.`)];
      if (Math.abs(worst.ms) > noticeableMs) return [warning('clock', `${told}; ${remedy}.`)];
      return [ok('clock', `as that of ${[...new Set(offsets.map(({ source }) => source))].join(', ')}`)];
    },
  };
}
