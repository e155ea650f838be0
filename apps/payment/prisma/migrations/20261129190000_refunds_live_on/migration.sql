-- Refunds have a life of their own at the provider: accepted long before the money is back, or failed after it was.

-- Why a person has to look; null with needs_attention_at set: the provider gave no response, as before.
ALTER TABLE "payments" ADD COLUMN "attention" TEXT;

-- origin              who made it: the order's saga, staff, or somebody at the provider itself
-- provider_reference  the provider's own id of it, once it has accepted it
-- round               of one made by the saga: the version at which the order began to refund
-- version             grows with every change of the status
ALTER TABLE "refunds" ADD COLUMN "origin" TEXT,
    ADD COLUMN "version" INTEGER NOT NULL DEFAULT 1,
    ADD COLUMN "provider_reference" TEXT,
    ADD COLUMN "round" INTEGER;
ALTER TABLE "refunds" ADD CONSTRAINT "refunds_origin" CHECK ("origin" IN ('order', 'staff', 'provider'));
UPDATE "refunds" SET "origin" = CASE
    WHEN "requested_by" IS NOT NULL OR "idempotency_key" IS NOT NULL THEN 'staff'
    WHEN "reason" = 'given back at the provider' THEN 'provider'
    ELSE 'order' END;

-- At most one refund of a payment is being asked for; any number may be accepted and on their way.
DROP INDEX "refunds_pending";
CREATE UNIQUE INDEX "refunds_asked" ON "refunds" ("payment_id")
    WHERE "status" = 'pending' AND "provider_reference" IS NULL;
CREATE UNIQUE INDEX "refunds_reference" ON "refunds" ("payment_id", "provider_reference")
    WHERE "provider_reference" IS NOT NULL;

-- A refund that had succeeded and then failed is reversed: the ledger is only added to.
ALTER TABLE "ledger_transactions" DROP CONSTRAINT "ledger_transactions_kind";
ALTER TABLE "ledger_transactions" ADD CONSTRAINT "ledger_transactions_kind"
    CHECK ("kind" IN ('capture', 'refund', 'refund-reversal'));
