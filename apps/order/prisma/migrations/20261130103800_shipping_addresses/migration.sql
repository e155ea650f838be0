-- Where the goods are to go, as the buyer gave it with the order; null where they gave none, and once they are erased.
ALTER TABLE "orders" ADD COLUMN "shipping_address" JSONB;
