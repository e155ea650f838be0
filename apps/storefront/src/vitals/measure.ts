/** The measurements of a visit: the API's page report. Times in ms. */
export interface Report {
  readonly vitals: { readonly lcp?: number; readonly inp?: number; readonly ttfb?: number };
  readonly layoutShift?: number;
  readonly errors: { readonly script?: number; readonly promise?: number };
}

/** A subset of PerformanceObserver's entries, for all entry types. */
export interface Entry {
  readonly startTime: number;
  readonly duration: number;
  /** Only in `layout-shift`. */
  readonly value?: number;
  readonly hadRecentInput?: boolean;
  /** Only in `event`: 0 if the event is not part of an interaction. */
  readonly interactionId?: number;
}

export interface Measure {
  /** Adds an entry of this type. */
  note(type: string, entry: Entry): void;
  error(kind: keyof Report['errors']): void;
  report(ttfb: number | undefined): Report;
}

/** Layout shifts less than 1 s apart and within 5 s form one session window (web.dev, Cumulative Layout Shift). */
const gapMs = 1_000;
const windowMs = 5_000;
/** One in this many interactions may be slow without counting (web.dev, Interaction to Next Paint). */
const interactionsPerOutlier = 50;
const maxRemembered = 10;
/** Maximum number of errors in a report. */
const maxErrors = 1_000;

/** Core Web Vitals from a browser's performance entries, as web.dev defines them. */
export function createMeasure(): Measure {
  let lcp: number | undefined;
  let worstShift = 0;
  let disturbance = { sum: 0, from: -Infinity, to: -Infinity };
  const interactions = new Map<number, number>();
  let slowest: readonly number[] = [];
  const errors = { script: 0, promise: 0 };

  const shift = ({ startTime, value = 0, hadRecentInput }: Entry) => {
    if (hadRecentInput) return;
    const { sum, from, to } = disturbance;
    const isSame = startTime - to < gapMs && startTime - from < windowMs;
    disturbance = isSame
      ? { sum: sum + value, from, to: startTime }
      : { sum: value, from: startTime, to: startTime };
    worstShift = Math.max(worstShift, disturbance.sum);
  };
  const interaction = ({ interactionId = 0, duration }: Entry) => {
    if (interactionId === 0) return;
    interactions.set(interactionId, Math.max(duration, interactions.get(interactionId) ?? 0));
    slowest = [...interactions.values()].sort((one, other) => other - one).slice(0, maxRemembered);
  };
  return {
    note(type, entry) {
      if (type === 'largest-contentful-paint') lcp = entry.startTime;
      else if (type === 'layout-shift') shift(entry);
      else if (type === 'event' || type === 'first-input') interaction(entry);
    },
    error: (kind) => void (errors[kind] = Math.min(maxErrors, errors[kind] + 1)),
    report(ttfb) {
      const index = Math.min(slowest.length - 1, Math.floor(interactions.size / interactionsPerOutlier));
      const inp = slowest[index];
      return {
        vitals: {
          ...(lcp === undefined ? {} : { lcp }),
          ...(inp === undefined ? {} : { inp }),
          ...(ttfb === undefined ? {} : { ttfb }),
        },
        layoutShift: worstShift,
        errors,
      };
    },
  };
}
