import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app';
import { RouterProvider } from './router/router';
import { createShop, ShopProvider } from './shop';
import './styles/tokens.css';
import './styles/page.css';
import './styles/parts.css';
import { Announcer } from './ui/announcer';

createRoot(document.getElementById('root')!).render(
  <StrictMode>
    <ShopProvider shop={createShop()}>
      <RouterProvider>
        <Announcer>
          <App />
        </Announcer>
      </RouterProvider>
    </ShopProvider>
  </StrictMode>,
);
