-- Typing errors and accents. Both are trusted extensions: the owner of the database may make them, where the server has
-- them and allows them. The provisioning makes them first; this is for databases that were made otherwise.
DO $$
DECLARE
  wanted text;
BEGIN
  FOREACH wanted IN ARRAY ARRAY['pg_trgm', 'unaccent'] LOOP
    BEGIN
      EXECUTE format('CREATE EXTENSION IF NOT EXISTS %I', wanted);
    EXCEPTION WHEN OTHERS THEN
      RAISE EXCEPTION 'the extension % could not be made (%): let an administrator run "CREATE EXTENSION IF NOT EXISTS pg_trgm; CREATE EXTENSION IF NOT EXISTS unaccent;" in the database %, then migrate again', wanted, SQLERRM, current_database()
        USING ERRCODE = SQLSTATE;
    END;
  END LOOP;
END
$$;
