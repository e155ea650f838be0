-- Attempts are let go of by age. PostgreSQL 15–18.
CREATE INDEX "provider_attempts_started" ON "provider_attempts" USING BRIN ("started_at");
