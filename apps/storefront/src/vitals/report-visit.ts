import { createMeasure } from './measure';

const path = '/api/v1/page-reports';
/** Minimum duration of reported events in ms; the browser's minimum is 16. */
const durationThreshold = 40;

/**
 * Measures this visit, and reports it once, when the page is left or hidden, since only then the values are final. A
 * report that does not arrive is lost; there are no retries.
 */
export function reportVisit(): void {
  const measure = createMeasure();
  const observers = ['largest-contentful-paint', 'layout-shift', 'event', 'first-input']
    .filter((type) => PerformanceObserver.supportedEntryTypes.includes(type))
    .map((type) => {
      const noteAll = (entries: PerformanceEntryList) =>
        entries.forEach((entry) => measure.note(type, entry));
      const observer = new PerformanceObserver((list) => noteAll(list.getEntries()));
      observer.observe({ type, buffered: true, durationThreshold } as PerformanceObserverInit);
      return { observer, noteAll };
    });
  window.addEventListener('error', () => measure.error('script'));
  window.addEventListener('unhandledrejection', () => measure.error('promise'));

  const leaving = new AbortController();
  const report = () => {
    leaving.abort();
    for (const { observer, noteAll } of observers) {
      noteAll(observer.takeRecords());
      observer.disconnect();
    }
    const [navigation] = performance.getEntriesByType('navigation') as PerformanceNavigationTiming[];
    const body = JSON.stringify(measure.report(navigation?.responseStart));
    navigator.sendBeacon(path, new Blob([body], { type: 'application/json' }));
  };
  const onHidden = () => void (document.visibilityState === 'hidden' && report());
  document.addEventListener('visibilitychange', onHidden, { signal: leaving.signal });
  window.addEventListener('pagehide', report, { signal: leaving.signal });
}
