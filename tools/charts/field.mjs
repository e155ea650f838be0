/**
 * Values of a chart, each with its default, its meaning and what it may be. From these come values.yaml, the closed
 * schema and the documentation, so that none can say something else than the others.
 */
export const field = (value, about, schema) => ({ value, about, schema });

export const text = (value, about, schema = {}) => field(value, about, { type: 'string', ...schema });
export const oneOf = (values, value, about) => field(value, about, { type: 'string', enum: values });
export const flag = (value, about) => field(value, about, { type: 'boolean' });
export const whole = (value, minimum, maximum, about) =>
  field(value, about, { type: 'integer', minimum, maximum });
export const share = (value, about) => field(value, about, { type: 'number', minimum: 0, maximum: 1 });
export const words = (value, about) => field(value, about, { type: 'array', items: { type: 'string' } });
export const objects = (value, about) => field(value, about, { type: 'array', items: { type: 'object' } });
export const map = (value, about) =>
  field(value, about, { type: 'object', additionalProperties: { type: 'string' } });
export const anything = (value, about) => field(value, about, { type: 'object' });
/** A whole number, or null where it is left to somebody else. */
export const wholeOrNull = (minimum, maximum, about) =>
  field(null, about, { type: ['integer', 'null'], minimum, maximum });
/** Ports of a NetworkPolicy. */
export const ports = (value, about) =>
  field(value, about, { type: 'array', items: { type: 'integer', minimum: 1, maximum: 65_535 } });

/** Values under one key. */
export const section = (about, fields) => ({ about, fields });
/** Values under one key beside which there may be others: those of the charts that ours is installed with. */
export const openSection = (about, fields) => ({ about, fields, isOpen: true });
/** A field that has no default: it may be set, and is then checked. */
export const optional = (about, schema) => ({ about, schema, isOptional: true });
/** A chart that this one depends on: its values are told in its own values.yaml. */
export const subchart = (about, schema, value) => ({ about, schema, value });

/** Helm adds the values of the library chart under its name. They hold nothing, and may hold nothing. */
const libraryValues = {
  type: 'object',
  additionalProperties: false,
  properties: { global: { type: 'object' } },
};

/** @returns the closed schema of a whole chart's values */
export const chartSchemaOf = (fields) => {
  const schema = schemaOf(fields);
  return { ...schema, properties: { ...schema.properties, service: libraryValues } };
};

/** @returns the closed JSON schema (draft-07) of some fields */
export function schemaOf(fields) {
  const properties = Object.entries(fields).map(([name, each]) => [
    name,
    each.fields
      ? {
          description: each.about,
          ...schemaOf(each.fields),
          ...(each.isOpen && { additionalProperties: true }),
        }
      : { description: each.about, ...each.schema },
  ]);
  return { type: 'object', additionalProperties: false, properties: Object.fromEntries(properties) };
}

/** @returns the lines of values.yaml */
export function yamlOf(fields, indent = '') {
  return Object.entries(fields).flatMap(([name, each]) => {
    const about = `${indent}# ${each.about}`;
    if (each.isOptional) return [`${about}`, `${indent}# ${name}:`];
    if (!each.fields) return [about, `${indent}${name}: ${JSON.stringify(each.value)}`];
    const inner = yamlOf(each.fields, `${indent}  `);
    const isEmpty = Object.values(each.fields).every(({ isOptional }) => isOptional);
    return [about, `${indent}${name}:${isEmpty ? ' {}' : ''}`, ...inner];
  });
}

/** @returns rows of a Markdown table: name, default, meaning */
export function rowsOf(fields, path = '') {
  return Object.entries(fields).flatMap(([name, each]) => {
    const full = path ? `${path}.${name}` : name;
    if (each.fields) return rowsOf(each.fields, full);
    const value = each.isOptional ? '' : `\`${JSON.stringify(each.value)}\``;
    const choices = each.schema?.enum
      ? ` (${each.schema.enum.map((choice) => `\`${choice}\``).join(', ')})`
      : '';
    return [`| \`${full}\` | ${value} | ${`${each.about}${choices}`.replaceAll('|', '\\|')} |`];
  });
}
