import type { Finding } from './probe';

/** A table for people: name, outcome, detail; the last line has the totals. */
export function asTable(findings: readonly Finding[]): string {
  const width = (of: (finding: Finding) => string) => Math.max(...findings.map((each) => of(each).length));
  const name = width((finding) => finding.name);
  const outcome = width((finding) => finding.outcome);
  const rows = findings.map(
    (finding) => `${finding.name.padEnd(name)}  ${finding.outcome.padEnd(outcome)}  ${finding.detail}`,
  );
  return [...rows, summary(findings)].join('\n');
}

const count = (findings: readonly Finding[], outcome: Finding['outcome']) =>
  findings.filter((finding) => finding.outcome === outcome).length;

const summary = (findings: readonly Finding[]) =>
  `${count(findings, 'failed')} failed, ${count(findings, 'warning')} warnings, ${count(findings, 'skipped')} skipped, ${count(findings, 'ok')} ok`;

/** One JSON object on one line. */
export const asJson = (service: string, findings: readonly Finding[]): string =>
  JSON.stringify({ service, passed: isPassed(findings), findings });

export const isPassed = (findings: readonly Finding[]): boolean => count(findings, 'failed') === 0;
