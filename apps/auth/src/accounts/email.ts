/** An address as it is stored and compared: trimmed, in lower case, composed (Unicode NFC). */
export const normaliseEmail = (email: string): string => email.trim().toLowerCase().normalize('NFC');
