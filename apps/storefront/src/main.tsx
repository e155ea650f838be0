import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app';
import { createLanguageChoice } from './language/language';
import { LanguageProvider } from './language/language-provider';
import { RouterProvider } from './router/router';
import { createBrowserParts, createShop, ShopProvider } from './shop';
import './styles/tokens.css';
import './styles/page.css';
import './styles/parts.css';
import { Announcer } from './ui/announcer';
import { reportVisit } from './vitals/report-visit';

reportVisit();
const browser = createBrowserParts();

void createLanguageChoice({
  ...browser,
  preferred: navigator.languages,
  load: async () => (await import('./language/de')).de,
}).then((choice) =>
  createRoot(document.getElementById('root')!).render(
    <StrictMode>
      <LanguageProvider choice={choice}>
        <ShopProvider shop={createShop(browser)}>
          <RouterProvider>
            <Announcer>
              <App />
            </Announcer>
          </RouterProvider>
        </ShopProvider>
      </LanguageProvider>
    </StrictMode>,
  ),
);
