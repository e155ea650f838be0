import { Link } from '../router/router';
import { useShop } from '../shop';
import { categoryName } from '../ui/format';
import { Failure } from '../ui/notice';
import { Picture } from '../ui/picture';
import { useLoad } from '../ui/use-load';
import { useLanguage } from '../language/language-provider';

interface Categories {
  readonly items: readonly { readonly category: string; readonly products: number }[];
}

/** Number of placeholders while the categories are loading, so that nothing below moves when they arrive. */
const usual = 12;

/** The categories: as pictures on the landing page, and in a row while browsing. */
export function CategoryNav({
  current,
  withPictures,
}: {
  readonly current?: string;
  readonly withPictures: boolean;
}) {
  const { t } = useLanguage();
  const { ask } = useShop();
  const { value, error, reload } = useLoad('categories', (signal) =>
    ask<Categories>('/api/v1/categories', { signal }),
  );
  if (error !== undefined) return <Failure error={error} what={t.parts.categories} retry={reload} />;
  return (
    <nav aria-label={t.catalog.categories} className={withPictures ? 'tiles' : 'chips'}>
      <ul>
        {!withPictures && (
          <li>
            <Link to="catalog">{t.catalog.everything}</Link>
          </li>
        )}
        {!value &&
          withPictures &&
          Array.from({ length: usual }, (_, index) => (
            <li key={index} aria-hidden="true">
              <div className="tile">
                <div className="picture" />
                <span>&nbsp;</span>
                <span className="muted">&nbsp;</span>
              </div>
            </li>
          ))}
        {value?.items.map(({ category, products }) => (
          <li key={category}>
            <Link to="catalog" query={{ category }} aria-current={category === current ? 'page' : undefined}>
              {withPictures && <Picture category={category} />}
              <span>{categoryName(category, t)}</span>
              {withPictures && <span className="muted">{products}</span>}
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  );
}
