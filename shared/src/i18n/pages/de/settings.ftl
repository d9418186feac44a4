token-title = Tokens für Skripte
token-what = Ein Skript oder Home Assistant ruft die HTTP-API mit einem Token auf und braucht so kein Passwort.
token-none = Es gibt kein Token.
token-unread = Die Tokens lassen sich nicht lesen. Das Protokoll sagt, warum.
token-name = Name
token-name-hint = Wofür das Token ist, etwa „Home Assistant“.
token-name-wrong = Gib dem Token einen Namen mit 1 bis 64 Zeichen.
token-name-taken = Ein anderes Token heißt so. Wähle einen anderen Namen, oder widerrufe zuerst jenes Token.
token-scope = Was darf es?
token-scope-control = Ansehen und steuern
token-scope-control-hint = Player, Warteschlange, Suche, Echos, Lautstärke und Ansagen.
token-scope-everything = Alles
token-scope-everything-hint = Auch die Einrichtung, und jeden Satz an einen Echo, also auch einen Kauf. Aber keine Passwörter, Tokens und Backups.
token-make = Token erzeugen
token-done = Das Token „{ $name }“ ist erzeugt. Bewahre es auf: Es wird nicht noch einmal angezeigt.
token-one = Token
token-try = Probiere es aus:
token-made-ago = Erzeugt { $ago }.
token-used-never = Noch nicht benutzt.
token-used-today = Zuletzt heute benutzt.
token-used-days = { $count ->
    [one] Zuletzt gestern benutzt.
   *[other] Zuletzt vor { $count } Tagen benutzt.
}
token-revoke = Widerrufen
token-revoked = Das Token „{ $name }“ ist widerrufen. Es öffnet nichts mehr.
token-password = Ein neues Passwort und „Überall abmelden“ widerrufen kein Token. Widerrufe jedes, das in falschen Händen sein kann.
token-still-valid = Tokens für Skripte gelten weiter. Hast du das Passwort geändert, weil andere es kennen? Dann widerrufe die Tokens, die du nicht kennst:
problem-token-unknown = Dieses Token gibt es nicht mehr.
problem-too-many-tokens = Es gibt 16 Tokens, und mehr werden nicht gehalten. Widerrufe zuerst eines.
update-there = Version { $version } ist da.
update-how = So aktualisierst du
update-on = Einmal am Tag fragt dieses Programm GitHub nach dem neuesten Release. Es sendet nur die Frage. Ein neueres ist nicht bekannt. UPDATE_CHECK=off beendet das.
update-on-newer = Einmal am Tag fragt dieses Programm GitHub nach dem neuesten Release. Es sendet nur die Frage. Ein neueres ist da: siehe das Ende der Seite. UPDATE_CHECK=off beendet das.
update-off = Dieses Programm fragt niemanden nach neueren Releases. Mit der Variablen UPDATE_CHECK=on fragt es einmal am Tag GitHub und sagt hier, ob es eines gibt. Es sendet nur die Frage.
update-nowhere = UPDATE_CHECK ist an, aber dieser Build nennt kein Repository. Darum fragt er niemanden nach neueren Releases.
update-aws = Ein neueres Release kommt mit dem nächsten „infra/deploy“. Die Funktionen fragen niemanden danach.
update-add-on = Home Assistant sagt, wenn es ein neueres Release dieses Add-ons gibt. Dieses Programm fragt niemanden.
