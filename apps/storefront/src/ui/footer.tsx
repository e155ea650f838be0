export function Footer() {
  return (
    <footer className="footer">
      <div className="footer-inner">
        <p>An example shop: cards are test cards, and nothing is charged or shipped.</p>
        <p>
          <a href="/api/v1/openapi.json">The API this page uses</a>
        </p>
      </div>
    </footer>
  );
}
