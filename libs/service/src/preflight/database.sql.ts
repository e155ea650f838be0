/** The server and the login, as visible to the role. */
export const server = {
  text: `select current_setting('server_version_num')::int as version, current_user::text as role,
      current_database()::text as database, coalesce(s.ssl, false) as encrypted, pg_is_in_recovery() as replica,
      r.rolsuper as superuser, r.rolconnlimit as role_limit, d.datconnlimit as database_limit,
      pg_get_userbyid(d.datdba)::text as owner,
      current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int
        - coalesce(current_setting('reserved_connections', true), '0')::int as server_limit,
      (extract(epoch from clock_timestamp()) * 1000)::float8 as now, pg_backend_pid() as process_id
    from pg_roles r
    join pg_database d on d.datname = current_database()
    left join pg_stat_ssl s on s.pid = pg_backend_pid()
    where r.rolname = current_user`,
};

export interface ServerRow {
  readonly version: number;
  readonly role: string;
  readonly database: string;
  readonly encrypted: boolean;
  readonly replica: boolean;
  readonly superuser: boolean;
  /** −1: no limit, also in the other limits. */
  readonly role_limit: number;
  readonly database_limit: number;
  readonly owner: string;
  readonly server_limit: number;
  /** ms since the epoch */
  readonly now: number;
  readonly process_id: number;
}

/** Objects that the service's role must be able to use and cannot: 'schema', 'table' or 'sequence', with its name. */
export const lackingGrants = {
  text: `select 'schema' as kind, 'public' as name where not has_schema_privilege('public', 'usage')
    union all
    select case c.relkind when 'S' then 'sequence' else 'table' end, c.relname::text
    from pg_class c
    where c.relnamespace = 'public'::regnamespace and c.relname <> '_prisma_migrations'
      and case when c.relkind in ('r', 'p') then
          not (has_table_privilege(c.oid, 'select') and has_table_privilege(c.oid, 'insert')
            and has_table_privilege(c.oid, 'update') and has_table_privilege(c.oid, 'delete'))
        when c.relkind = 'S' then not has_sequence_privilege(c.oid, 'usage')
        else false end
    order by 1, 2`,
};

/** Whether the role will be able to use tables that the owner of the database creates. */
export const defaultGrants = {
  text: `select exists (
      select from pg_database d where d.datname = current_database() and d.datdba = current_user::regrole
    ) or exists (
      select from pg_default_acl d, aclexplode(d.defaclacl) a, pg_database b
      where b.datname = current_database() and d.defaclrole = b.datdba and d.defaclobjtype = 'r'
        and d.defaclnamespace in (0, 'public'::regnamespace) and a.privilege_type = 'INSERT'
        and (a.grantee = 0 or pg_has_role(a.grantee, 'usage'))
    ) as given`,
};

/** $1 names. */
export const extensions = {
  text: `select e.name, x.extname is not null as installed, a.name is not null as available
    from unnest($1::text[]) e(name)
    left join pg_extension x on x.extname = e.name
    left join pg_available_extensions a on a.name = e.name`,
};

/** What the migration role may not do. */
export const ownerRights = {
  text: `select current_user::text as role, current_database()::text as database,
      has_schema_privilege('public', 'create') as creates,
      array(select c.relname::text from pg_class c
        where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')
          and not pg_has_role(c.relowner, 'usage')
        order by 1) as foreign_tables`,
};
