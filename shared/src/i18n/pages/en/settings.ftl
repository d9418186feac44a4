token-title = Tokens for scripts
token-what = A script or Home Assistant calls the HTTP API with a token, so that it needs no password.
token-none = There is no token.
token-unread = The tokens cannot be read. The log says why.
token-name = Name
token-name-hint = What the token is for, such as “Home Assistant”.
token-name-wrong = Give the token a name of 1 to 64 characters.
token-name-taken = Another token has this name. Choose another one, or revoke that token first.
token-scope = What may it do?
token-scope-control = Look and control
token-scope-control-hint = Players, queue, search, Echos, volume and speech.
token-scope-everything = Everything
token-scope-everything-hint = The setup as well, and any sentence to an Echo, so also a purchase. But no passwords, tokens or backups.
token-make = Make a token
token-done = The token “{ $name }” is made. Keep it: it is not shown again.
token-one = Token
token-try = Try it:
token-made-ago = Made { $ago }.
token-used-never = Not used yet.
token-used-today = Last used today.
token-used-days = { $count ->
    [one] Last used yesterday.
   *[other] Last used { $count } days ago.
}
token-revoke = Revoke
token-revoked = The token “{ $name }” is revoked. Nothing opens with it any more.
token-password = A new password and “Sign out everywhere” revoke no token. Revoke each that may be in wrong hands.
token-still-valid = Tokens for scripts still work. Did you change the password because others know it? Then revoke the tokens that you do not know:
problem-token-unknown = There is no such token any more.
problem-too-many-tokens = There are 16 tokens, and no more are kept. Revoke one first.
update-there = Version { $version } is there.
update-how = How to update
update-on = Once a day this program asks GitHub for the newest release. It sends nothing but the question. No newer one is known. UPDATE_CHECK=off ends that.
update-on-newer = Once a day this program asks GitHub for the newest release. It sends nothing but the question. A newer one is there: see the end of the page. UPDATE_CHECK=off ends that.
update-off = This program asks no one for newer releases. With the variable UPDATE_CHECK=on it asks GitHub once a day, and says here if there is one. It sends nothing but the question.
update-nowhere = UPDATE_CHECK is on, but this build names no repository. So it asks no one for newer releases.
update-aws = A newer release comes with the next “infra/deploy”. The functions ask no one for it.
update-add-on = Home Assistant says when there is a newer release of this add-on. This program asks no one.
