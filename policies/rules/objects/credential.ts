/** What a text that is a credential looks like. */
const looks: readonly (readonly [string, RegExp])[] = [
  ['a private key', /-----BEGIN [A-Z ]*PRIVATE KEY-----/],
  ['a URL with a password', /(?<![a-z])[a-z][a-z0-9+.-]{0,30}:\/\/[^\s/:@]*:[^\s/@$]+@/i],
  ['a key of AWS', /\b(AKIA|ASIA)[0-9A-Z]{16}\b/],
  ['a token of GitHub', /\bgh[pousr]_[A-Za-z0-9]{36,}\b|\bgithub_pat_[A-Za-z0-9_]{40,}\b/],
  ['a token of GitLab', /\bglpat-[A-Za-z0-9_-]{20,}\b/],
  ['a token of Slack', /\bxox[abprs]-[A-Za-z0-9-]{10,}\b/],
  ['a key of Google', /\bAIza[0-9A-Za-z_-]{35}\b/],
  ['a key of a Google service account', /"private_key"\s*:\s*"-----BEGIN/],
  ['a signed token', /\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}/],
];

/** What kind of credential a text holds, in words; null: none that can be seen. The text itself is never told. */
export function credentialIn(value: string): string | null {
  return looks.find(([, look]) => look.test(value))?.[0] ?? null;
}

const secretName =
  /(PASSW(OR)?D|PASSPHRASE|SECRET|TOKEN|CREDENTIALS?|API_?KEY|ACCESS_?KEY|PRIVATE_?KEY|SIGNING_?KEY)$/i;

/** Whether a variable of this name is made to hold a secret: `DB_PASSWORD`, not `TOKEN_FILE` or `SECRET_NAME`. */
export function namesSecret(variable: string): boolean {
  return secretName.test(variable);
}
