/** When the fault begins and ends, in ms from the start of the load; and when the load ends. */
export interface Phases {
  readonly faultBegins: number;
  readonly faultEnds: number;
  readonly loadEnds: number;
}
