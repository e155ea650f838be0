/**
 * What the container with PostgreSQL's own programs runs, in any POSIX shell. A folder gets its name once every dump in it
 * is whole, and only then older ones go.
 *
 *   SERVICES    names of the services, separated by spaces, of which pg_service.conf has a login each
 *   BACKUP_DIR  the folder of all backups
 *   KEEP_DAYS   days that a backup is kept; 0: for ever
 */
export const backupScript = `set -eu
umask 027
cd "$BACKUP_DIR"
rm -rf ./*.partial
at=$(date -u +%Y-%m-%dT%H%M%SZ)
mkdir "$at.partial"
for service in $SERVICES; do
  pg_dump --format=custom --no-password --lock-wait-timeout=60000 --file="$at.partial/$service.dump" "service=$service"
  pg_restore --list "$at.partial/$service.dump" >/dev/null
  echo "$service: $(wc -c <"$at.partial/$service.dump") bytes"
done
mv "$at.partial" "$at"
echo "backup: $BACKUP_DIR/$at"
if [ "$KEEP_DAYS" -gt 0 ]; then
  find . -mindepth 1 -maxdepth 1 -type d -name '????-??-??T??????Z' -mtime "+$KEEP_DAYS" -exec rm -rf {} +
fi
`;
