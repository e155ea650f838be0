-- What became of the refunds of an order, as payment tells it. An order stays what it is whatever is given back of it: only
-- its saga writes orders.state. `version` is the refund's own, so that news that come late or twice change nothing.
CREATE TABLE "order_refund" (
    "id" UUID NOT NULL,
    "order_id" UUID NOT NULL,
    "amount" BIGINT NOT NULL,
    "status" TEXT NOT NULL,
    "origin" TEXT NOT NULL,
    "version" INTEGER NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "changed_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "order_refund_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "order_refund_amount" CHECK ("amount" > 0)
);
CREATE INDEX "order_refund_of_order" ON "order_refund" ("order_id", "created_at");

ALTER TABLE "order_refund" ADD CONSTRAINT "order_refund_order_id_fkey"
    FOREIGN KEY ("order_id") REFERENCES "orders"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
