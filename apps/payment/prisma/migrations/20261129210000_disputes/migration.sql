-- Money that a buyer's bank takes back, or asks about first, as the provider tells it.
CREATE TABLE "disputes" (
    "provider" TEXT NOT NULL,
    -- The provider's own id of it.
    "reference" TEXT NOT NULL,
    "payment_id" UUID NOT NULL,
    -- Minor units, in the payment's currency.
    "amount" BIGINT NOT NULL,
    "reason" TEXT NOT NULL,
    "status" TEXT NOT NULL,
    -- Does the provider still take a refund of the charge?
    "is_refundable" BOOLEAN NOT NULL,
    "opened_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "disputes_pkey" PRIMARY KEY ("provider", "reference"),
    CONSTRAINT "disputes_payment" FOREIGN KEY ("payment_id") REFERENCES "payments" ("id"),
    CONSTRAINT "disputes_status" CHECK ("status" IN ('inquiry', 'open', 'won', 'lost', 'closed'))
);
CREATE INDEX "disputes_payment_id" ON "disputes" ("payment_id");
CREATE INDEX "disputes_open" ON "disputes" ("status") WHERE "status" IN ('inquiry', 'open');
