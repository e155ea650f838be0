import type { SearchSort } from '@bulkhead/contracts/search/api';
import { allTerms, textTerms } from './text-terms.sql';

/** How a product matches: any product; by its words; or by similar words. */
export type Matching = 'any' | 'words' | 'similar';

/** Upper bounds of the price ranges shown as a facet, minor units. */
export const priceSteps = [1_000, 2_500, 5_000, 10_000, 25_000] as const;

interface Order {
  readonly key: string;
  readonly type: 'bigint' | 'text';
  readonly direction: 'asc' | 'desc';
}

/** Sort key of a page, before the id. Ids sort by time. */
export const orders: Readonly<Record<SearchSort, Order>> = {
  relevance: { key: 'rank', type: 'bigint', direction: 'desc' },
  price: { key: 'price', type: 'bigint', direction: 'asc' },
  '-price': { key: 'price', type: 'bigint', direction: 'desc' },
  name: { key: 'name_key', type: 'text', direction: 'asc' },
  newest: { key: '0::bigint', type: 'bigint', direction: 'desc' },
};

/** For C, B, A (and D, which is not used): a word in a name outweighs any number of them in a description. */
const weights = `'{0, 0.1, 0.4, 1}'`;

/** Ranks are whole numbers, so that a cursor holds them exactly. */
const matchings: Readonly<Record<Matching, { terms: string; rank: string; condition: string }>> = {
  // Names $1, so that it has a type.
  any: { terms: '', rank: '0::bigint', condition: '$1::text[] is not null' },
  words: {
    terms: `${textTerms}, wanted as materialized (
      select ${allTerms('query')} as query, ${allTerms('stem')} as whole, (select string_agg(word, ' ') from term) as words
    ), `,
    // Whole words before prefixes; among equals, the shorter name first.
    rank: `round(1e6 * (ts_rank(${weights}, document, (select query from wanted))
        + coalesce(ts_rank(${weights}, document, (select whole from wanted)), 0)
        + 0.5 * similarity(words, (select words from wanted))))::bigint`,
    condition: 'document @@ (select query from wanted)',
  },
  similar: {
    terms: `${textTerms}, `,
    rank: `(select round(1e6 * avg(greatest(word_similarity(term.word, words),
        case when document @@ term.query then 1 else 0 end)))::bigint from term)`,
    // The first condition can use the index: if no word were merely similar, all would match literally.
    condition: `words %> any (array(select word from term)) and not exists (
        select from term where not (document @@ term.query or term.word <% words))`,
  },
};

/** pg_trgm's limit for "similar" while the statement for it runs: one letter wrong in the middle of a word of six. */
export const similarityLimit = '0.4';

/** The client has no settings of a transaction. $1 the limit, until the end of the transaction */
export const limitSimilarity = {
  name: 'search-limit-similarity',
  text: `select set_config('pg_trgm.word_similarity_threshold', $1, true)`,
};

/**
 * The client cannot search text, rank, nor count facets beside a page.
 *
 * A page of hits with everything around it, as of one moment: a swap of the index in between is not seen.
 * Invariant: for a fixed index, following the keys of last hits gives every hit exactly once, in order: the key
 * (sort, id) is unique and total, and filters do not depend on the page.
 *
 * Each facet counts what the other filters leave, so that one sees what choosing otherwise would give. Ranges of prices
 * are of one currency each: amounts of several compare with nothing.
 *
 * $1 words, $2 category, $3 lowest price, $4 highest price, $5 in stock, $6 limit, $7 and $8 key and id of the last hit,
 * $9 currency
 */
export const searchStatement = (matching: Matching, sort: SearchSort) => {
  const { terms, rank, condition } = matchings[matching];
  const { key, type, direction } = orders[sort];
  const after = direction === 'asc' ? '>' : '<';
  return {
    name: `search-${matching}-${sort}`,
    text: `with ${terms}matched as materialized (
      select product_id, indexed_product.generation, category, currency, price, name_key, in_stock, ${rank} as rank,
        $2::text is null or category = $2 as in_category,
        ($3::bigint is null or price >= $3) and ($4::bigint is null or price <= $4) as in_price,
        $5::boolean is null or in_stock is not distinct from $5 as in_availability,
        $9::text is null or currency = $9 as in_currency
      from indexed_product left join stock using (sku)
      where indexed_product.generation = (select active from index_pointer) and not deleted and ${condition}
    ), page as (
      select product_id, generation, in_stock, ${key} as key, row_number() over (order by ${key} ${direction}, product_id ${direction}) as place
      from matched
      where in_category and in_currency and in_price and in_availability
        and ($8::uuid is null or (${key}, product_id) ${after} ($7::${type}, $8::uuid))
      order by place limit $6::int
    )
    select
      (select active from index_pointer) as generation,
      exists (select from matched) as any_matched,
      (select count(*)::int from matched where in_category and in_currency and in_price and in_availability) as total,
      (select coalesce(jsonb_agg(jsonb_build_object('key', key, 'hit', jsonb_build_object(
          'productId', product_id, 'sku', sku, 'slug', slug, 'name', name, 'description', description,
          'category', category, 'price', jsonb_build_object('amount', price, 'currency', currency),
          'imageUrl', image_url, 'inStock', in_stock)) order by place), '[]')
        from page join indexed_product using (generation, product_id)) as hits,
      (select coalesce(jsonb_agg(jsonb_build_object('category', category, 'count', count) order by count desc, category), '[]')
        from (select category, count(*)::int as count from matched
          where in_currency and in_price and in_availability group by category) facet) as categories,
      (select coalesce(jsonb_agg(jsonb_build_object('currency', currency, 'step', step, 'count', count)
            order by currency, step), '[]')
        from (select currency, width_bucket(price, array[${priceSteps.join()}]::bigint[]) as step, count(*)::int as count
          from matched where in_category and in_currency and in_availability group by currency, step) facet) as prices`,
  };
};
