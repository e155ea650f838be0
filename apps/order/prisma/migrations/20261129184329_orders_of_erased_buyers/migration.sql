-- Whether the buyer was erased: user_id is then a stand-in, and the order's events say that nobody is to be told.
ALTER TABLE "orders" ADD COLUMN "buyer_erased" BOOLEAN NOT NULL DEFAULT false;
