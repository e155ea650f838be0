-- One payment an order. Its money columns agree with the ledger; its status moves only by the table in
-- src/payments/transitions.ts, and version counts the moves.
CREATE TABLE "payments" (
    "id" UUID NOT NULL,
    "order_id" UUID NOT NULL,
    "user_id" UUID,
    "provider" TEXT NOT NULL,
    "status" TEXT NOT NULL,
    "reason" TEXT,
    "next_action_url" TEXT,
    "currency" TEXT NOT NULL,
    "amount" BIGINT NOT NULL,
    "captured" BIGINT NOT NULL DEFAULT 0,
    "refunded" BIGINT NOT NULL DEFAULT 0,
    "payment_method" TEXT,
    "provider_reference" TEXT,
    "version" INTEGER NOT NULL DEFAULT 1,
    -- Who may call the provider for it, and until when.
    "lease" UUID,
    "leased_until" TIMESTAMPTZ(3),
    -- When it is to be looked at again; null while it rests.
    "due_at" TIMESTAMPTZ(3),
    "tries" INTEGER NOT NULL DEFAULT 0,
    -- Since when it has been on its way to where it is going.
    "waiting_since" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "needs_attention_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "payments_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "payments_status" CHECK ("status" IN ('authorising', 'requires_action', 'unknown', 'authorised', 'declined', 'capturing', 'captured', 'voiding', 'voided', 'refunding', 'partially_refunded', 'refunded', 'failed')),
    CONSTRAINT "payments_money" CHECK (0 <= "refunded" AND "refunded" <= "captured" AND "captured" <= "amount")
);
CREATE UNIQUE INDEX "payments_order" ON "payments" ("order_id");
CREATE INDEX "payments_user" ON "payments" ("user_id", "id");
CREATE INDEX "payments_status_id" ON "payments" ("status", "id");
CREATE INDEX "payments_provider_reference" ON "payments" ("provider_reference");
CREATE INDEX "payments_due" ON "payments" ("due_at") WHERE "due_at" IS NOT NULL;
CREATE INDEX "payments_needs_attention" ON "payments" ("needs_attention_at") WHERE "needs_attention_at" IS NOT NULL;

-- Money given back. At most one of a payment is on its way.
CREATE TABLE "refunds" (
    "id" UUID NOT NULL,
    "payment_id" UUID NOT NULL,
    "amount" BIGINT NOT NULL,
    "status" TEXT NOT NULL,
    "reason" TEXT,
    "failure" TEXT,
    "requested_by" UUID,
    "idempotency_key" TEXT,
    "request_hash" TEXT,
    -- The answer that a repetition gets, once there was one.
    "answer" JSONB,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "settled_at" TIMESTAMPTZ(3),

    CONSTRAINT "refunds_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "refunds_payment" FOREIGN KEY ("payment_id") REFERENCES "payments" ("id"),
    CONSTRAINT "refunds_status" CHECK ("status" IN ('pending', 'succeeded', 'failed')),
    CONSTRAINT "refunds_amount" CHECK ("amount" > 0)
);
CREATE UNIQUE INDEX "refunds_idempotency" ON "refunds" ("requested_by", "idempotency_key");
CREATE INDEX "refunds_payment_id" ON "refunds" ("payment_id", "id");
CREATE UNIQUE INDEX "refunds_pending" ON "refunds" ("payment_id") WHERE "status" = 'pending';

-- Calls to the provider. The row is committed before the call, its outcome after: one without outcome was cut off by a
-- crash, and what it did is asked at the provider.
CREATE TABLE "provider_attempts" (
    "id" UUID NOT NULL,
    "payment_id" UUID NOT NULL,
    "operation" TEXT NOT NULL,
    "idempotency_key" TEXT NOT NULL,
    "started_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "finished_at" TIMESTAMPTZ(3),
    "outcome" TEXT,

    CONSTRAINT "provider_attempts_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "provider_attempts_payment" FOREIGN KEY ("payment_id") REFERENCES "payments" ("id"),
    CONSTRAINT "provider_attempts_operation" CHECK ("operation" IN ('authorise', 'capture', 'void', 'refund')),
    CONSTRAINT "provider_attempts_outcome" CHECK ("outcome" IN ('done', 'refused', 'not-sent', 'unknown'))
);
CREATE INDEX "provider_attempts_payment_id" ON "provider_attempts" ("payment_id", "id");

-- Webhooks already heard, so that one that comes again changes nothing.
CREATE TABLE "webhook_events" (
    "provider" TEXT NOT NULL,
    "event_id" TEXT NOT NULL,
    "received_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "webhook_events_pkey" PRIMARY KEY ("provider", "event_id")
);
CREATE INDEX "webhook_events_received" ON "webhook_events" USING BRIN ("received_at");

-- Double entry: a movement of money is one row here and its entries, which sum to 0. Written once, never changed.
CREATE TABLE "ledger_transactions" (
    "id" UUID NOT NULL,
    "payment_id" UUID NOT NULL,
    "kind" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "ledger_transactions_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "ledger_transactions_payment" FOREIGN KEY ("payment_id") REFERENCES "payments" ("id"),
    CONSTRAINT "ledger_transactions_kind" CHECK ("kind" IN ('capture', 'refund'))
);
CREATE INDEX "ledger_transactions_payment_id" ON "ledger_transactions" ("payment_id");
-- An order's money is taken once.
CREATE UNIQUE INDEX "ledger_transactions_capture" ON "ledger_transactions" ("payment_id") WHERE "kind" = 'capture';

CREATE TABLE "ledger_entries" (
    "transaction_id" UUID NOT NULL,
    "account" TEXT NOT NULL,
    "currency" TEXT NOT NULL,
    -- Debit positive, credit negative; minor units.
    "amount" BIGINT NOT NULL,

    CONSTRAINT "ledger_entries_pkey" PRIMARY KEY ("transaction_id", "account"),
    CONSTRAINT "ledger_entries_transaction" FOREIGN KEY ("transaction_id") REFERENCES "ledger_transactions" ("id"),
    CONSTRAINT "ledger_entries_account" CHECK ("account" IN ('provider_receivable', 'sales')),
    CONSTRAINT "ledger_entries_amount" CHECK ("amount" <> 0)
);

-- Checked at commit, whoever wrote the rows: at least two entries of one currency, and their sum is 0.
CREATE FUNCTION "check_ledger_balance"() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    checked UUID := CASE TG_TABLE_NAME WHEN 'ledger_entries' THEN (to_jsonb(NEW) ->> 'transaction_id')::uuid ELSE (to_jsonb(NEW) ->> 'id')::uuid END;
    entries INTEGER;
    currencies INTEGER;
    balance NUMERIC;
BEGIN
    SELECT count(*), count(DISTINCT "currency"), coalesce(sum("amount"), 0) INTO entries, currencies, balance
    FROM "ledger_entries" WHERE "transaction_id" = checked;
    IF entries < 2 OR currencies <> 1 OR balance <> 0 THEN
        RAISE EXCEPTION 'ledger transaction % is not balanced: % entries, % currencies, sum %', checked, entries, currencies, balance
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_balance';
    END IF;
    RETURN NULL;
END
$$;
CREATE CONSTRAINT TRIGGER "ledger_balance" AFTER INSERT ON "ledger_entries"
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION "check_ledger_balance"();
CREATE CONSTRAINT TRIGGER "ledger_balance" AFTER INSERT ON "ledger_transactions"
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION "check_ledger_balance"();

CREATE FUNCTION "refuse_ledger_change"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the ledger is only added to' USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_append_only';
END
$$;
CREATE TRIGGER "ledger_append_only" BEFORE UPDATE OR DELETE OR TRUNCATE ON "ledger_entries"
    FOR EACH STATEMENT EXECUTE FUNCTION "refuse_ledger_change"();
CREATE TRIGGER "ledger_append_only" BEFORE UPDATE OR DELETE OR TRUNCATE ON "ledger_transactions"
    FOR EACH STATEMENT EXECUTE FUNCTION "refuse_ledger_change"();

-- The tables of libs/messaging. Every service's first migration contains this file as it stands; the matching Prisma
-- models are in messaging-models.prisma. PostgreSQL 15–18.

-- Events waiting to be sent, written in the transaction of the change they tell of. A statement inserts
-- (id, type, subject, payload); everything else is the relay's. payload is the whole CloudEvent.
--   unsent: sent_at and parked_at null;  in flight: leased_until in the future (the database's clock);
--   parked: failed too often for its own fault, waits for a person
CREATE TABLE "outbox" (
    "position" BIGINT GENERATED BY DEFAULT AS IDENTITY,
    "id" UUID NOT NULL,
    "type" TEXT NOT NULL,
    "subject" TEXT NOT NULL,
    "payload" JSONB NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "leased_until" TIMESTAMPTZ(3),
    "sent_at" TIMESTAMPTZ(3),
    "parked_at" TIMESTAMPTZ(3),
    "parked_reason" TEXT,

    CONSTRAINT "outbox_pkey" PRIMARY KEY ("position")
);
-- Both updates of a row (leased, sent) come soon after its insert: room on the page keeps them cheap.
ALTER TABLE "outbox" SET (fillfactor = 60, autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.05);
CREATE INDEX "outbox_unsent" ON "outbox" ("position") WHERE "sent_at" IS NULL;

-- Events already handled, inserted in the handler's transaction: what makes an effect happen once.
CREATE TABLE "inbox" (
    "consumer_group" TEXT NOT NULL,
    "event_id" UUID NOT NULL,
    "handled_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "inbox_pkey" PRIMARY KEY ("consumer_group", "event_id")
);
CREATE INDEX "inbox_handled_at" ON "inbox" USING BRIN ("handled_at");

-- The queues of the in-process transport (empty where RabbitMQ carries the events). A row is taken by moving
-- available_at to the end of its lease; a retry moves it to the end of its delay; handled rows are deleted.
CREATE TABLE "delivery" (
    "position" BIGINT GENERATED BY DEFAULT AS IDENTITY,
    "consumer_group" TEXT NOT NULL,
    "message_id" TEXT NOT NULL,
    "event_type" TEXT NOT NULL,
    "body" TEXT NOT NULL,
    "attempt" INTEGER NOT NULL DEFAULT 1,
    "deliveries" INTEGER NOT NULL DEFAULT 0,
    "available_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "delivery_pkey" PRIMARY KEY ("position")
);
CREATE UNIQUE INDEX "delivery_message" ON "delivery" ("consumer_group", "message_id");
CREATE INDEX "delivery_available" ON "delivery" ("consumer_group", "available_at");

-- Messages given up on by the in-process transport, with the reason, until redriven or dropped (at most 14 days).
CREATE TABLE "dead_letter" (
    "consumer_group" TEXT NOT NULL,
    "message_id" TEXT NOT NULL,
    "event_type" TEXT NOT NULL,
    "body" TEXT NOT NULL,
    "attempts" INTEGER NOT NULL,
    "reason" TEXT NOT NULL,
    "dead_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "dead_letter_pkey" PRIMARY KEY ("consumer_group", "message_id")
);
CREATE INDEX "dead_letter_dead_at" ON "dead_letter" ("dead_at");
