/**
 * The series of an OpenMetrics text, each as its name and labels: without values, timestamps, exemplars and comments.
 * @param text of one or several expositions
 */
export const seriesIn = (text: string): Set<string> =>
  new Set(
    text
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'))
      .map((line) => /^[^{\s]+(?:\{(?:[^"}]|"(?:[^"\\]|\\.)*")*\})?/.exec(line)![0]),
  );
