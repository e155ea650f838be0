import { useLanguage } from '../language/language-provider';

export function Footer() {
  const { t } = useLanguage();
  return (
    <footer className="footer">
      <div className="footer-inner">
        <p>{t.shop.example}</p>
        <p>
          <a href="/api/v1/openapi.json">{t.shop.api}</a>
        </p>
      </div>
    </footer>
  );
}
