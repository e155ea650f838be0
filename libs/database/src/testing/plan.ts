import { withClient } from '../admin-client';

/**
 * How PostgreSQL runs a statement, as `explain (analyze)` tells it: the statement runs, and what it changes is rolled back.
 * A statement that is prepared is planned for its values here, as it is the first few times.
 * @param url of a role that may run it
 * @param values as SQL literals, in the order of the parameters
 */
export const planOf = (
  url: string,
  { text }: { readonly text: string },
  values: readonly string[],
): Promise<string> =>
  withClient(url, async (client) => {
    await client.query('begin');
    await client.query(`prepare explained as ${text}`);
    const { rows } = await client.query<{ 'QUERY PLAN': string }>(
      `explain (analyze, costs off, timing off, summary off, buffers off) execute explained${values.length > 0 ? `(${values.join()})` : ''}`,
    );
    await client.query('rollback');
    return rows.map((row) => row['QUERY PLAN']).join('\n');
  });
