interface Block {
  readonly where: string;
  readonly commands: string;
}
const { blocksOf, steps } = jest.requireActual<{
  blocksOf: (step: string) => Block[];
  steps: string[];
}>('./course.mjs');

const starts = steps.flatMap((step) =>
  blocksOf(step)
    .filter(({ where, commands }) => where === 'shop' && /\bnpm start\b/.test(commands))
    .map(({ commands }) => [step, commands.trim()] as const),
);

it('has a start of the shop in most steps', () => {
  expect(starts.length).toBeGreaterThan(4);
});

it.each(starts)('step %s runs the same processes, whatever was extracted: %s', (_step, commands) => {
  expect(commands).toMatch(/^(\w+=\S* )*SPLIT_OFF=\w+ /);
});
