import { useState } from 'react';
import type { Address, NewAddress } from '../api/types';
import { useIsSignedIn, useShop } from '../shop';
import { useAnnounce } from '../ui/announcer';
import { ConfirmButton } from '../ui/confirm-button';
import { Failure } from '../ui/notice';
import { Page } from '../ui/page';
import { useLoad } from '../ui/use-load';
import { AccountNav } from './account-nav';
import { linesOf } from './address-fields';
import { AddressForm } from './address-form';
import { SignedOut } from './signed-out';
import { useLanguage } from '../language/language-provider';

export function AddressesPage() {
  const { t } = useLanguage();
  if (!useIsSignedIn()) return <SignedOut title={t.addresses.title} />;
  return <Addresses />;
}

const path = '/api/v1/me/addresses';

function Addresses() {
  const { t } = useLanguage();
  const { session } = useShop();
  const announce = useAnnounce();
  const [changing, setChanging] = useState<string>();
  const [added, setAdded] = useState(0);
  const { value, error, isLoading, reload } = useLoad('addresses', (signal) =>
    session.ask<{ readonly items: readonly Address[] }>(path, { signal }),
  );
  const done = (sentence: string) => {
    announce(sentence);
    setChanging(undefined);
    reload();
  };
  const add = async (address: NewAddress) => {
    await session.send(path, { method: 'POST', body: address });
    setAdded(added + 1);
    done(t.addresses.added);
  };
  const change = (id: string) => async (address: NewAddress) => {
    await session.send(`${path}/${id}`, { method: 'PUT', body: address });
    done(t.addresses.saved);
  };
  const remove = (id: string) => async () => {
    await session.send(`${path}/${id}`, { method: 'DELETE' });
    done(t.addresses.deleted);
  };
  return (
    <Page title={t.addresses.title} narrow>
      <AccountNav />
      {error !== undefined && <Failure error={error} what={t.parts.addresses} retry={reload} />}
      {value?.items.length === 0 && <p>{t.addresses.none}</p>}
      <ul className="rows" aria-busy={isLoading}>
        {value?.items.map((address) => (
          <li key={address.id}>
            {changing === address.id ? (
              <div>
                <AddressForm
                  address={address}
                  save={change(address.id)}
                  cancel={() => setChanging(undefined)}
                />
              </div>
            ) : (
              <>
                <div>
                  <h2 translate="no">{address.recipient}</h2>
                  <p className="muted" translate="no">
                    {linesOf(address).join(', ')}
                  </p>
                </div>
                <button type="button" onClick={() => setChanging(address.id)}>
                  {t.addresses.change}
                  <span className="unseen"> {t.addresses.of(address.recipient)}</span>
                </button>
                <ConfirmButton
                  label={
                    <>
                      {t.addresses.delete}
                      <span className="unseen"> {t.addresses.of(address.recipient)}</span>
                    </>
                  }
                  question={t.addresses.deleteQuestion}
                  yes={t.addresses.deleteYes}
                  what={t.parts.deletingAddress}
                  onConfirm={remove(address.id)}
                />
              </>
            )}
          </li>
        ))}
      </ul>
      <h2>{t.addresses.another}</h2>
      <AddressForm key={added} save={add} />
    </Page>
  );
}
