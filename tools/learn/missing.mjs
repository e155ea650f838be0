/** What a step still lacks, as a sentence for whoever learns. */
export class Missing extends Error {}
