-- Roles with no more rights than a process needs, in one database, before its first migration. Plain
-- SQL, by a superuser or the database's owner with CREATEROLE; may be run again. Passwords after it:
--   ALTER ROLE axial_services PASSWORD '…';
-- Each role's address goes into a secret of its own: that of the migrations' job, of gateway and
-- results, and of the archive (in the chart: secrets.migrations, secrets.database, secrets.archive).
-- The migrations leave axial_services and axial_archive only the right to add to the audit; grant the
-- same to roles of other names: INSERT on audit, no UPDATE or DELETE on it, none on audit_chain.
-- Services run with AXIAL_SCHEMA=wait. The queue has to be a Redis: on Postgres BullMQ makes tables.
DO $$
DECLARE
  wanted text;
BEGIN
  -- Changes the schema · reads and writes rows · reads rows.
  FOREACH wanted IN ARRAY ARRAY['axial_migrations', 'axial_services', 'axial_archive'] LOOP
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = wanted) THEN
      EXECUTE format('CREATE ROLE %I LOGIN', wanted);
    END IF;
    EXECUTE format('GRANT CONNECT ON DATABASE %I TO %I', current_database(), wanted);
  END LOOP;
END $$;

REVOKE CREATE ON SCHEMA public FROM PUBLIC;
GRANT USAGE, CREATE ON SCHEMA public TO axial_migrations;
GRANT USAGE ON SCHEMA public TO axial_services, axial_archive;

-- Of what the migrations make from now on.
ALTER DEFAULT PRIVILEGES FOR ROLE axial_migrations IN SCHEMA public
  GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO axial_services;
ALTER DEFAULT PRIVILEGES FOR ROLE axial_migrations IN SCHEMA public
  GRANT USAGE, SELECT ON SEQUENCES TO axial_services;
ALTER DEFAULT PRIVILEGES FOR ROLE axial_migrations IN SCHEMA public
  GRANT SELECT ON TABLES TO axial_archive;
