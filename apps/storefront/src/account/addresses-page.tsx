import { useState } from 'react';
import type { Address, NewAddress } from '../api/types';
import { useIsSignedIn, useShop } from '../shop';
import { useAnnounce } from '../ui/announcer';
import { ConfirmButton } from '../ui/confirm-button';
import { Failure } from '../ui/notice';
import { Page } from '../ui/page';
import { useLoad } from '../ui/use-load';
import { AccountNav } from './account-nav';
import { AddressForm } from './address-form';
import { SignedOut } from './signed-out';

export function AddressesPage() {
  if (!useIsSignedIn()) return <SignedOut title="Your addresses" />;
  return <Addresses />;
}

const path = '/api/v1/me/addresses';

function Addresses() {
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
    done('The address is added.');
  };
  const change = (id: string) => async (address: NewAddress) => {
    await session.send(`${path}/${id}`, { method: 'PUT', body: address });
    done('The address is saved.');
  };
  const remove = (id: string) => async () => {
    await session.send(`${path}/${id}`, { method: 'DELETE' });
    done('The address is deleted.');
  };
  return (
    <Page title="Your addresses" narrow>
      <AccountNav />
      {error !== undefined && <Failure error={error} what="The list of your addresses" retry={reload} />}
      {value?.items.length === 0 && <p>You have not kept an address yet.</p>}
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
                  <h2>{address.recipient}</h2>
                  <p className="muted">{linesOf(address).join(', ')}</p>
                </div>
                <button type="button" onClick={() => setChanging(address.id)}>
                  Change<span className="unseen"> the address of {address.recipient}</span>
                </button>
                <ConfirmButton
                  label={
                    <>
                      Delete<span className="unseen"> the address of {address.recipient}</span>
                    </>
                  }
                  question="Delete this address?"
                  yes="Yes, delete it"
                  what="Deleting the address"
                  onConfirm={remove(address.id)}
                />
              </>
            )}
          </li>
        ))}
      </ul>
      <h2>Another address</h2>
      <AddressForm key={added} save={add} />
    </Page>
  );
}

const linesOf = ({ line1, line2, postalCode, city, region, country }: Address) =>
  [line1, line2, `${postalCode} ${city}`, region, country].filter(Boolean);
