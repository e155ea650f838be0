-- Mails that are of no use any more are found without looking at those that wait. PostgreSQL 15–18.
CREATE INDEX "mail_expires" ON "mail" ("expires_at") WHERE "state" IN ('queued', 'sending');
