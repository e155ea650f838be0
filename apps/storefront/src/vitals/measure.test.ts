import { createMeasure, type Entry } from './measure';

const entry = (more: Partial<Entry>): Entry => ({ startTime: 0, duration: 0, ...more });
const shifts = (...times: readonly number[]) => {
  const measure = createMeasure();
  for (const startTime of times) measure.note('layout-shift', entry({ startTime, value: 0.1 }));
  return measure.report(undefined).layoutShift;
};

test('shifts that belong together are one disturbance, of which the worst counts', () => {
  expect(shifts(0, 500, 900)).toBeCloseTo(0.3);
  expect(shifts(0, 2_000, 2_100)).toBeCloseTo(0.2);
  expect(shifts(0, 900, 1_800, 2_700, 3_600, 4_500, 5_400)).toBeCloseTo(0.6);
});

test('what a person has caused is no shift', () => {
  const measure = createMeasure();
  measure.note('layout-shift', entry({ value: 0.5, hadRecentInput: true }));
  expect(measure.report(undefined).layoutShift).toBe(0);
});

test('an interaction is as slow as its slowest event, and of many the slowest is left out', () => {
  const measure = createMeasure();
  measure.note('event', entry({ interactionId: 1, duration: 40 }));
  measure.note('event', entry({ interactionId: 1, duration: 300 }));
  measure.note('event', entry({ interactionId: 0, duration: 900 }));
  expect(measure.report(undefined).vitals.inp).toBe(300);
  for (let id = 2; id <= 50; id += 1) measure.note('event', entry({ interactionId: id, duration: 50 }));
  expect(measure.report(undefined).vitals.inp).toBe(50);
});

test('what was not measured is not reported, and what was is', () => {
  const measure = createMeasure();
  expect(measure.report(undefined)).toEqual({
    vitals: {},
    layoutShift: 0,
    errors: { script: 0, promise: 0 },
  });
  measure.note('largest-contentful-paint', entry({ startTime: 300 }));
  measure.note('largest-contentful-paint', entry({ startTime: 700 }));
  measure.error('script');
  expect(measure.report(12)).toMatchObject({ vitals: { lcp: 700, ttfb: 12 }, errors: { script: 1 } });
});
