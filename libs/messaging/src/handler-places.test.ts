import { createHandlerPlaces, type HandlerPlacesOptions } from './handler-places';

const groupsOf = (options: HandlerPlacesOptions) => {
  const next = createHandlerPlaces(options);
  return Array.from({ length: options.groups }, next);
};
const takeAll = (group: { take(): boolean }) => {
  let taken = 0;
  while (group.take()) taken += 1;
  return taken;
};

test.each([
  { groups: 3, perGroup: 4, total: 8, taken: [4, 3, 1] },
  { groups: 3, perGroup: 4, total: 3, taken: [1, 1, 1] },
  { groups: 3, perGroup: 4, total: 2, taken: [2, 0, 0] },
  { groups: 2, perGroup: 4, total: 160, taken: [4, 4] },
  { groups: 1, perGroup: 4, total: 0, taken: [1] },
])('$groups groups take $taken of $total places, $perGroup each at most', ({ taken, ...options }) => {
  expect(groupsOf(options).map(takeAll)).toEqual(taken);
});

test('a place that is given back is offered to the other groups first, in turn', () => {
  const groups = groupsOf({ groups: 3, perGroup: 4, total: 1 });
  const took: number[] = [];
  groups.forEach((group, index) =>
    group.onFree(() => {
      if (group.take()) took.push(index);
    }),
  );
  expect(groups[0]!.take()).toBe(true);
  for (const index of [0, 1, 2, 0]) groups[index]!.give();
  expect(took).toEqual([1, 2, 0, 1]);
});
