/** Characters of a name that decide its place in the order by name; bounded, since cursors carry it. */
const nameKeyLength = 60;

/**
 * Writes entries ($1, JSON) into generations. Invariant: within a generation the highest version of a product wins,
 * whatever the order and number of writes. Rows are written in the order of (generation, id), so that two writers wait
 * for each other and never deadlock.
 *
 * Names weigh A, category and SKU B, descriptions C. Names, categories and SKUs are also there unstemmed, for prefixes.
 */
const upsertInto = (
  generations: string,
) => `insert into indexed_product (generation, product_id, version, deleted, sku,
      slug, name, description, category, price, currency, image_url, name_key, words, document)
    select generation, product_id, version, deleted, sku, slug, name, description, category, price, currency, image_url,
      left(name_folded, ${nameKeyLength}),
      name_folded || ' ' || replace(category, '-', ' '),
      setweight(to_tsvector('simple', name_folded) || to_tsvector('english', name_folded), 'A')
        || setweight(to_tsvector('simple', labels_folded) || to_tsvector('english', labels_folded), 'B')
        || setweight(to_tsvector('english', unaccent(text_words)), 'C')
    from (${generations}) target
    cross join (
      select *, unaccent(name_words) as name_folded, unaccent(label_words) as labels_folded
      from jsonb_to_recordset($1::jsonb) as entry(
        product_id uuid, version int, deleted boolean, sku text, slug text, name text, description text, category text,
        price bigint, currency text, image_url text, name_words text, label_words text, text_words text)
    ) entry
    order by generation, product_id
    on conflict (generation, product_id) do update set
      version = excluded.version, deleted = excluded.deleted, sku = excluded.sku, slug = excluded.slug,
      name = excluded.name, description = excluded.description, category = excluded.category, price = excluded.price,
      currency = excluded.currency, image_url = excluded.image_url, name_key = excluded.name_key,
      words = excluded.words, document = excluded.document
    where excluded.version > indexed_product.version`;

/**
 * The client cannot insert on a condition, nor a tsvector.
 *
 * Writes an event into the live generation and the one being built. Invariant: the pointer is held shared until commit.
 * So an event that did not see a new generation is committed before that generation begins, and hence before its
 * listing is read; and one that did not see the swap is committed before it.
 *
 * Before the first generation nothing is written: its listing will contain the change.
 */
export const writeEverywhere = {
  name: 'search-write-everywhere',
  text: upsertInto(`select generation
      from (select active, shadow from index_pointer for share) pointer, unnest(array[active, shadow]) generation
      where generation > 0`),
};

/** The client cannot insert on a condition, nor a tsvector. A page of the catalog's listing, into generation $2. */
export const writeGeneration = {
  name: 'search-write-generation',
  text: upsertInto('select $2::int as generation'),
};

/**
 * The client cannot write a row over an older one only.
 *
 * Whether SKUs are in stock. Invariant: the highest version of a SKU wins.
 *
 * $1 JSON of {sku, in_stock, version}
 */
export const writeStock = {
  name: 'search-write-stock',
  text: `insert into stock (sku, in_stock, version)
    select sku, in_stock, version from jsonb_to_recordset($1::jsonb) as level(sku text, in_stock boolean, version int)
    order by sku
    on conflict (sku) do update set in_stock = excluded.in_stock, version = excluded.version
    where excluded.version > stock.version`,
};

/**
 * The client cannot delete a batch, nor compare with another table.
 *
 * Deletes a batch ($1 rows) of generations that are neither live nor being built. A running query still sees them in
 * its snapshot; a generation that starts meanwhile has no rows in this one.
 */
export const pruneGenerations = {
  name: 'search-prune-generations',
  text: `delete from indexed_product where ctid = any (array(
      select indexed_product.ctid from indexed_product, index_pointer
      where generation is distinct from active and generation is distinct from shadow
      limit $1))`,
};
