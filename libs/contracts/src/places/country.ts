import { oneOfCodes } from '../primitives';

/**
 * The officially assigned codes of ISO 3166-1 alpha-2, as of February 2026 (https://www.iso.org/obp/ui/#search/code/).
 * Without reserved codes (EU, UK) and user-assigned ones (XA–XZ, ZZ).
 */
const codes = `AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY
  BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR
  GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP
  KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT
  MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW
  SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG
  UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW`;

/** All codes, in alphabetical order. */
export const countries: readonly string[] = codes.split(/\s+/);

const known: ReadonlySet<string> = new Set(countries);

/** Whether it is the code of a country or territory, in capitals, such as `AT`. */
export const isCountry = (code: string): boolean => known.has(code);

/** A country as input. */
export const Country = oneOfCodes(countries, 'must be an ISO 3166-1 alpha-2 code, such as AT').meta({
  id: 'Country',
  description: 'ISO 3166-1 alpha-2 code',
  examples: ['AT'],
});
