/** What a visit measures of itself: the API's page report. Times in ms. */
export interface Report {
  readonly vitals: { readonly lcp?: number; readonly inp?: number; readonly ttfb?: number };
  readonly layoutShift?: number;
  readonly errors: { readonly script?: number; readonly promise?: number };
}

/** A part of what PerformanceObserver tells, of whatever type an entry is. */
export interface Entry {
  readonly startTime: number;
  readonly duration: number;
  /** Of `layout-shift`. */
  readonly value?: number;
  readonly hadRecentInput?: boolean;
  /** Of `event`: 0 where the event is no part of an interaction. */
  readonly interactionId?: number;
}

export interface Measure {
  /** Takes in an entry of this type. */
  note(type: string, entry: Entry): void;
  error(kind: keyof Report['errors']): void;
  report(ttfb: number | undefined): Report;
}

/** Layout shifts less than 1 s apart and within 5 s are one disturbance (web.dev, Cumulative Layout Shift). */
const gapMs = 1_000;
const windowMs = 5_000;
/** One interaction in so many may be slow without counting (web.dev, Interaction to Next Paint). */
const interactionsPerOutlier = 50;
const maxRemembered = 10;
/** As many errors as a report takes. */
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
