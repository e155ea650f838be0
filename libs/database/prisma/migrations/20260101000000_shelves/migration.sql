create table "shelves" (
  "id" uuid not null,
  "label" text not null,
  "items" bigint not null default 0,
  "built_at" timestamptz(3) not null default now(),
  constraint "shelves_pkey" primary key ("id")
);

create unique index "shelves_label" on "shelves" ("label");
