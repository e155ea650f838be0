/**
 * The words of a query as tsqueries. $1 is an array of words from wordsOf, so none of them contains an operator;
 * tsqueries are built only from the output of PostgreSQL's own parser, never from a user's text.
 *
 * A word counts unless it is an English stop word. The last word may still be incomplete and so is also a prefix. If
 * all are stop words, the last counts as a prefix only.
 *
 * stem: the word in any inflection · query: the same, or its prefix for the last · name_query: its prefix in a name
 */
export const textTerms = `word as (
      select position, unaccent(word) as word, position = cardinality($1::text[]) as is_last
      from unnest($1::text[]) with ordinality as given(word, position)
    ), parsed as (
      select *, plainto_tsquery('english', word) as stem, plainto_tsquery('simple', word)::text as plain from word
    ), counted as (
      select * from parsed where numnode(stem) > 0
        or is_last and not exists (select from parsed where numnode(stem) > 0)
    ), term as (
      select position, word, stem,
        case when is_last and plain <> '' then stem || (plain || ':*')::tsquery else stem end as query,
        case when plain <> '' then (plain || ':*A')::tsquery end as name_query,
        case when plain <> '' then (plain || ':*B')::tsquery end as label_query
      from counted
    )`;

/** The conjunction of `column` of all terms. Null if there are none, which matches nothing. */
export const allTerms = (column: 'stem' | 'query' | 'name_query' | 'label_query') =>
  `(select string_agg('(' || ${column}::text || ')', ' & ')::tsquery from term where numnode(${column}) > 0)`;
