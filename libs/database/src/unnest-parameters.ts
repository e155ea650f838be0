/**
 * `unnest` of array parameters, one element per row, for a statement that is planned once and not on each execution.
 *
 * PostgreSQL keeps replanning a prepared statement as long as a custom plan for the given parameters looks cheaper than
 * the generic one (`plan_cache_mode = auto`). For given arrays it knows the length, so with one element (a single
 * buyer) it always replans, and planning costs as much as executing. A sub-select hides the length: both plans cost the
 * same, and the generic one is kept.
 *
 * @param types PostgreSQL names of the element types, such as `uuid`; with the parameter's number if that is not the
 *   next
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
