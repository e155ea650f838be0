/** The sum of a metric's series with these labels, from the OpenMetrics text format. 0 where there is none. */
export function readMetric(
  text: string,
  name: string,
  labels: Readonly<Record<string, string>> = {},
): number {
  let sum = 0;
  for (const line of text.split('\n')) {
    if (!line.startsWith(`${name}{`) && !line.startsWith(`${name} `)) continue;
    const wanted = Object.entries(labels).every(([label, value]) => line.includes(`${label}="${value}"`));
    // A value may be followed by an exemplar.
    if (wanted)
      sum += Number(
        line
          .slice(line.lastIndexOf('}', line.indexOf(' # ') < 0 ? undefined : line.indexOf(' # ')) + 1)
          .trim()
          .split(' ')[0],
      );
  }
  return sum;
}
