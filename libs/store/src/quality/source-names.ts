import { sql } from "kysely";

const MAX_NAME_CHARACTERS = 64;

/**
 * The columns `site` and `scanner` of a query over `series`: InstitutionName (0008,0080), and
 * Manufacturer (0008,0070) with ManufacturerModelName (0008,1090), in capitals; `unknown` without.
 */
export const SOURCE_NAMES = sql`
  coalesce(nullif(left(upper(trim(series.tags #>> '{00080080,Value,0}')),
    ${sql.lit(MAX_NAME_CHARACTERS)}), ''), 'unknown') AS site,
  coalesce(nullif(left(upper(trim(concat_ws(' ', series.tags #>> '{00080070,Value,0}',
    series.tags #>> '{00081090,Value,0}'))), ${sql.lit(MAX_NAME_CHARACTERS)}), ''), 'unknown')
    AS scanner`;
