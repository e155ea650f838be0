/** With which the explored provider signs what it tells payment. */
export const webhookSecret = 'a secret of the explorer';
