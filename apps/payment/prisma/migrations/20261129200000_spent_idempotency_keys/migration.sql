-- Does the provider give the response of this attempt to its idempotency key from now on? Then the next has another key.
ALTER TABLE "provider_attempts" ADD COLUMN "key_is_spent" BOOLEAN NOT NULL DEFAULT false;
