import { allTerms, textTerms } from './text-terms.sql';

/**
 * The client cannot search text.
 *
 * Names and categories with words that start with those typed ($1). Names that start with the text come first, then the
 * shortest ones. $2 limit
 */
export const suggest = {
  name: 'search-suggest',
  text: `with ${textTerms}, wanted as materialized (
      select ${allTerms('name_query')} as names, ${allTerms('label_query')} as labels,
        (select string_agg(word, ' ' order by position) from word) as words
    ), category as (
      select 'category' as kind, replace(category, '-', ' ') as text, category as slug, 2 as place,
        similarity(category, (select words from wanted)) as likeness
      from (
        select distinct category from indexed_product
        where generation = (select active from index_pointer) and not deleted
          and document @@ (select labels from wanted)
      ) labelled
      where setweight(to_tsvector('simple', replace(category, '-', ' ')), 'B') @@ (select labels from wanted)
    ), product as (
      select distinct on (name) 'product' as kind, name as text, slug,
        case when starts_with(words, (select words from wanted)) then 2 else 1 end as place,
        similarity(words, (select words from wanted)) as likeness
      from indexed_product
      where generation = (select active from index_pointer) and not deleted and document @@ (select names from wanted)
      order by name, product_id
    )
    select kind, text, slug from (
      (select * from category order by likeness desc, slug limit 3)
      union all
      (select * from product order by place desc, likeness desc, text limit $2::int)
    ) suggestion
    order by place desc, kind, likeness desc, text
    limit $2::int`,
};

/**
 * The client cannot search by similarity. Names with words similar to the last one typed, if none starts with it. $1
 * words, $2 limit
 */
export const suggestSimilar = {
  name: 'search-suggest-similar',
  text: `with last as (select unaccent(($1::text[])[cardinality($1::text[])]) as word)
    select 'product' as kind, name as text, slug from (
      select distinct on (name) name, slug, word_similarity((select word from last), words) as likeness
      from indexed_product
      where generation = (select active from index_pointer) and not deleted
        and words %> (select word from last)
      order by name, product_id
    ) suggestion
    order by likeness desc, text
    limit $2::int`,
};
