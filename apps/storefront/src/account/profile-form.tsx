import type { Profile } from '../api/types';
import { useShop } from '../shop';
import { useAnnounce } from '../ui/announcer';
import { Failure } from '../ui/notice';
import { TextField } from '../ui/text-field';
import { useSubmit } from '../ui/use-submit';
import { useLanguage } from '../language/language-provider';

/** Edits the profile. Only changed fields are sent, so that concurrent changes to others are not overwritten unseen. */
export function ProfileForm({
  profile,
  onSaved,
}: {
  readonly profile: Profile;
  readonly onSaved: (profile: Profile) => void;
}) {
  const { t } = useLanguage();
  const { session } = useShop();
  const announce = useAnnounce();
  const { isSending, error, onSubmit, problemOf } = useSubmit(async (fields) => {
    const orderMail = fields['orderMail'] === 'on';
    const changes = {
      ...(fields['name'] !== profile.name && { name: fields['name'] }),
      ...(orderMail !== profile.preferences.orderMail && { preferences: { orderMail } }),
    };
    onSaved(await session.ask<Profile>('/api/v1/me', { method: 'PATCH', body: changes }));
    announce(t.account.saved);
  });
  return (
    <form className="form" onSubmit={onSubmit} aria-busy={isSending}>
      {error !== undefined && <Failure error={error} what={t.parts.profile} />}
      <TextField
        label={t.account.name}
        name="name"
        defaultValue={profile.name}
        autoComplete="name"
        required
        problem={problemOf('name')}
      />
      <label className="check">
        <input type="checkbox" name="orderMail" defaultChecked={profile.preferences.orderMail} />
        <span>{t.account.orderMail}</span>
      </label>
      <button type="submit" className="primary" disabled={isSending}>
        {isSending ? t.shop.saving : t.shop.save}
      </button>
    </form>
  );
}
