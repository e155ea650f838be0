/**
 * `unnest` of parameters that are arrays, an element for each row, for a statement that is planned once and not at each
 * execution.
 *
 * PostgreSQL goes on planning a prepared statement anew for as long as a plan for the parameters at hand looks cheaper
 * than one for any (`plan_cache_mode = auto`). Of arrays at hand it knows the length, so that with one element, which is a
 * buyer alone, it always does; planning then costs as much as executing. A sub-select hides the length: both plans cost
 * the same, and the one for any parameters is kept.
 *
 * @param types of the elements, as PostgreSQL names them: `uuid`; with the number of its parameter, where that is not the next
 * @param first number of the first parameter
 */
export const unnestParameters = (
  types: readonly (string | readonly [type: string, parameter: number])[],
  first = 1,
): string => {
  const arrays = types.map((each, index) => {
    const [type, parameter] = typeof each === 'string' ? [each, first + index] : each;
    return `(select $${parameter}::${type}[])`;
  });
  return `unnest(${arrays.join(', ')})`;
};
